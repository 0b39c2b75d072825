"""Ways to put text out of sight, and honest pages that do nearly the same: what is in a page's head and body, with ``@`` for the text."""

# ruff: noqa: E501 - a document is one string
from __future__ import annotations

from tests.checks.document.twins import CLAIM
from tests.formats.document.written import PAGE, W, docx, pdf, run, shown

PROSE = "The second tab shows how the pump is installed in a well, step by step, with pictures and a list of the tools that you need."


def page(head: str, body: str, text: str) -> str:
    """A whole page."""
    said = body.replace("@", text)
    return f"<!doctype html><html><head><title>Pumps</title>{head}</head><body><h1>Pumps</h1><p>They move water.</p>{said}<p>Ask for a price.</p></body></html>"


TRICKS = {
    "clip-path-ellipse.html": ('', "<p style='clip-path:ellipse(0 0)'>@</p>"),
    "clip-path-inset-sum.html": ('', "<p style='clip-path:inset(0 0 100% 0)'>@</p>"),
    "scale-prop.html": ('', "<p style='scale:0'>@</p>"),
    "scale-tiny.html": ('', "<p style='transform:scale(.001)'>@</p>"),
    "matrix0.html": ('', "<p style='transform:matrix(0,0,0,0,0,0)'>@</p>"),
    "rotate90.html": ('', "<p style='transform:rotateY(90deg)'>@</p>"),
    "opacity-class.html": ('<style>p.fade{opacity:0}</style>', '<p class=fade>@</p>'),
    "opacity-calc.html": ('', "<p style='opacity:calc(0)'>@</p>"),
    "var-colour.html": ('<style>:root{--paper:#fff;--ink:#fff}body{background:var(--paper)}.n{color:var(--ink)}</style>', '<p class=n>@</p>'),
    "var-fallback.html": ('', "<p style='color:var(--nope,#fff)'>@</p>"),
    "oklch-white.html": ('', "<p style='color:oklch(1 0 0)'>@</p>"),
    "lab-white.html": ('', "<p style='color:lab(100% 0 0)'>@</p>"),
    "color-mix.html": ('', "<p style='color:color-mix(in srgb, white 100%, black)'>@</p>"),
    "offcanvas-inset.html": ('', "<p style='position:fixed;inset:-9999px auto auto -9999px'>@</p>"),
    "offcanvas-translate-prop.html": ('', "<p style='translate:-9999px'>@</p>"),
    "text-indent.html": ('', "<p style='text-indent:-9999px;overflow:hidden;white-space:nowrap'>@</p>"),
    "font0em.html": ('', "<p style='font-size:0em'>@</p>"),
    "font-short.html": ('', "<p style='font:0/0 a'>@</p>"),
    "aria-hidden-none.html": ('', "<p aria-hidden=true style='display:none'>@</p>"),
    "media-all.html": ('<style>@media screen{.v{display:none}}</style>', '<p class=v>@</p>'),
    "nested-css.html": ('<style>.wrap{& .v{display:none}}</style>', '<div class=wrap><p class=v>@</p></div>'),
    "is-sel.html": ('<style>:is(.v,.w){font-size:0}</style>', '<p class=v>@</p>'),
    "escaped.html": ('<style>.v{d\\69splay:none}</style>', '<p class=v>@</p>'),
    "svg-white.html": ('', "<svg width=10 height=10><text fill='white'>@</text></svg>"),
    "backface.html": ('', "<p style='transform:rotateX(180deg);backface-visibility:hidden'>@</p>"),
    "zoom0.html": ('', "<p style='zoom:0.01'>@</p>"),
    "gradient-ground.html": ('', "<div style='background:linear-gradient(#fff,#fff)'><p style='color:#fff'>@</p></div>"),
    "letter-sp.html": ('', "<p style='letter-spacing:-9999px'>@</p>"),
}  # fmt: skip

FITTING = {
    "sr-only-css.html": ('<style>.sr-only{position:absolute;width:1px;height:1px;padding:0;margin:-1px;overflow:hidden;clip:rect(0,0,0,0);white-space:nowrap;border:0}</style>', '<span class=sr-only>@</span>'),
    "sr-modern.html": ('<style>.vh:not(:focus):not(:active){clip-path:inset(50%);height:1px;width:1px;overflow:hidden;position:absolute;white-space:nowrap}</style>', "<a class=vh href='#m'>@</a>"),
    "accordion-css.html": ('<style>.acc .panel{max-height:0;overflow:hidden;transition:max-height .2s}.acc input:checked~.panel{max-height:40em}</style>', '<div class=acc><input type=checkbox id=a><label for=a>How is it installed?</label><div class=panel><p>@</p></div></div>'),
    "accordion-js.html": ('<style>.panel{display:none}.panel.open{display:block}</style><script src=a.js></script>', '<button>More</button><div class=panel>@</div>'),
    "details.html": ('', '<details><summary>Installation</summary><p>@</p></details>'),
    "print-only.html": ('<style>.print-only{display:none}@media print{.print-only{display:block}.noprint{display:none}}</style>', '<div class=print-only>@</div><div class=noprint>@</div>'),
    "responsive-menu.html": ('<style>.mobile{display:none}@media (max-width:600px){.mobile{display:block}.desktop{display:none}}</style>', '<div class=mobile>@</div><div class=desktop>@</div>'),
    "hover-dropdown.html": ('<style>.dropdown-content{display:none;position:absolute}.dropdown:hover .dropdown-content{display:block}</style>', '<div class=dropdown><span>Help</span><div class=dropdown-content><p>@</p></div></div>'),
    "tooltip-css.html": ('<style>.tip .text{visibility:hidden;opacity:0;transition:opacity .3s}.tip:hover .text{visibility:visible;opacity:1}</style>', '<div class=tip>Head<span class=text>@</span></div>'),
    "flip-card.html": ('<style>.back{transform:rotateY(180deg);backface-visibility:hidden}.card:hover .inner{transform:rotateY(180deg)}.card:hover .back{transform:none}</style>', '<div class=card><div class=inner><div class=front>Pumps</div><div class=back>@</div></div></div>'),
    "fade-in.html": ('<style>.fade{opacity:0;animation:in 1s forwards}@keyframes in{from{opacity:0}to{opacity:1}}</style>', '<p class=fade>@</p>'),
    "slide-in.html": ('<style>.slide{transform:translateX(-2000px);animation:s 1s ease-out forwards}@keyframes s{to{transform:none}}</style>', '<p class=slide>@</p>'),
    "target-modal.html": ('<style>.modal{visibility:hidden;opacity:0}.modal:target{visibility:visible;opacity:1}</style>', "<a href='#m'>Terms</a><div class=modal id=m><p>@</p></div>"),
    "radio-tabs.html": ('<style>.tabs .tab{display:none}#t1:checked~#c1,#t2:checked~#c2{display:block}</style>', '<div class=tabs><input type=radio id=t1 checked><input type=radio id=t2><div class=tab id=c1>@</div><div class=tab id=c2>@</div></div>'),
    "dark-vars.html": ('<style>:root{--bg:#fff;--fg:#111}.dark{--bg:#111;--fg:#fff}body,.dark{background:var(--bg);color:var(--fg)}</style>', '<section class=dark><h2>Night</h2><p>@</p></section>'),
    "dark-body.html": ('<style>body{background:#000;color:#ddd}p{color:#fff}</style>', '<p>@</p>'),
    "white-on-hero.html": ('<style>.hero{background:url(a.jpg) center/cover;color:#fff}</style>', '<div class=hero><h1>Pumps</h1><p>@</p></div>'),
    "white-on-gradient.html": ('<style>.hero{background:linear-gradient(90deg,#123,#456);color:#fff}</style>', '<div class=hero><p>@</p></div>'),
    "white-on-var-unknown.html": ('<style>.btn{background:var(--brand);color:#fff}</style>', '<div class=btn><p>@</p></div>'),
    "white-over-img.html": ('<style>.c{position:relative}.c p{position:absolute;top:0;color:#fff}</style>', "<div class=c><img src=a.jpg alt='A pump'><p>@</p></div>"),
    "svg-badge.html": ('', "<svg width=400 height=20><rect width=400 height=20 fill='#555'/><text fill='#fff'>@</text></svg>"),
    "svg-sprite.html": ('', "<svg width=0 height=0 style='position:absolute'><symbol id=a><title>Open the list of all pumps with prices and sizes for homes</title><path d='M0 0'/></symbol></svg>"),
    "noscript.html": ('<script>x()</script>', '<noscript>You need to enable JavaScript to run this app, or call our service line on weekdays for help with it.</noscript>'),
    "skip.html": ('<style>.skip{position:absolute;left:-9999px}.skip:focus{left:0}</style>', "<a class=skip href='#main'>Skip to the main content of this page and leave the long menu out</a>"),
    "logo.html": ('<style>.logo{background:url(l.png);text-indent:-9999px;display:block}</style>', "<a class=logo href='/'>The Marlow pump company of Selby, makers of fine pumps since 1851</a>"),
    "inline-block-gap.html": ('<style>.row{font-size:0}.row>p{font-size:16px}</style>', '<div class=row><p>@</p><p>@</p></div>'),
    "small-print.html": ('', "<p style='font-size:8px;color:#999'>@</p>"),
    "grey.html": ('', "<p style='color:#bbb'>@</p>"),
    "line-clamp.html": ('', "<div style='height:3em;overflow:hidden'>@ @ @</div>"),
    "carousel.html": ('<style>.slides{overflow:hidden}.slide{transform:translateX(100%)}</style>', '<div class=slides><div class=slide>@</div></div>'),
    "carousel-px.html": ('<script src=c.js></script>', "<div class=track style='transform:translate3d(-2400px,0,0)'><div class=s>@</div></div>"),
    "scale-anim.html": ('<style>.menu{transform:scaleY(0);transition:.2s}.nav:focus-within .menu{transform:scaleY(1)}</style>', '<div class=nav tabindex=0>Menu<div class=menu>@</div></div>'),
    "zoomed.html": ('', "<p style='transform:scale(.9)'>@</p><p style='zoom:0.8'>@</p>"),
    "rotate.html": ('', "<p style='transform:rotate(90deg)'>@</p><p style='transform:rotateX(15deg)'>@</p>"),
    "letter.html": ('', "<p style='letter-spacing:-.03em'>@</p>"),
    "inset.html": ('', "<div style='position:absolute;inset:0'>@</div><p style='clip-path:inset(10px 20px)'>@</p><p style='clip-path:inset(5% 40% 5% 0)'>@</p>"),
    "lazy.html": ('<style>.reveal{opacity:0}.reveal.in{opacity:1}</style><script src=r.js></script>', '<p class=reveal>@</p>'),
    "math.html": ('', "<span class='katex'><span class='katex-mathml' style='position:absolute;clip:rect(1px,1px,1px,1px);padding:0;border:0;height:1px;width:1px;overflow:hidden'><math><mi>the energy of the pump is the mass times the square of the speed</mi></math></span></span>"),
}  # fmt: skip


def styled(properties: str) -> dict[str, str]:
    """A part of a Word document with a style of characters."""
    style = f'<w:style w:type="character" w:styleId="Quiet"><w:rPr>{properties}</w:rPr></w:style>'
    return {"word/styles.xml": f'<w:styles xmlns:w="{W}">{style}</w:styles>'}


FILL = '<w14:textFill xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w14:noFill/></w14:textFill>'
SEEN = run("They move water.")
OFF = "/OCProperties<</OCGs[7 0 R]/D<</OFF[7 0 R]>>>>"
LAYER = {"resources": "/Properties<</L1 7 0 R>>", "extra": "<</Type/OCG/Name(notes)>>"}
FILES = {
    **{name: page(head, body, CLAIM) for name, (head, body) in TRICKS.items()},
    "style.docx": docx(SEEN, run(CLAIM, '<w:rStyle w:val="Quiet"/>'), parts=styled("<w:vanish/>")),
    "theme.docx": docx(SEEN, run(CLAIM, '<w:color w:val="auto" w:themeColor="background1"/>')),
    "narrow.docx": docx(SEEN, run(CLAIM, '<w:w w:val="1"/>')),
    "line.docx": docx(SEEN, '<w:pPr><w:spacing w:line="1" w:lineRule="exact"/></w:pPr>' + run(CLAIM)),
    "fill.docx": docx(SEEN, run(CLAIM, FILL)),
    "point.pdf": pdf(PAGE + shown(CLAIM, size=1)),
    "narrow.pdf": pdf(PAGE + shown(CLAIM, before="0 Tz")),
    "crop.pdf": pdf(PAGE + shown(CLAIM, at=(72, 40), size=6)).replace(b"792]/Contents", b"792]/CropBox[0 100 612 792]/Contents"),
    "layer.pdf": pdf(PAGE + "/OC /L1 BDC " + shown(CLAIM) + " EMC\n", catalog=OFF, **LAYER),
}
HONEST_FILES = {
    **{name: page(head, body, PROSE) for name, (head, body) in FITTING.items()},
    "contents.docx": docx(run(PROSE), run("12", "<w:webHidden/>")),
    "condensed.docx": docx(
        run(PROSE, '<w:w w:val="90"/><w:sz w:val="16"/>'), '<w:pPr><w:spacing w:line="240" w:lineRule="exact"/></w:pPr>' + run(PROSE)
    ),
    "shaded.docx": docx(run(PROSE, '<w:color w:val="FFFFFF" w:themeColor="background1"/><w:shd w:val="clear" w:fill="1F3864"/>')),
    "layer.pdf": pdf(PAGE + "/OC /L1 BDC " + shown(PROSE[:60]) + " EMC\n", catalog=OFF.replace("OFF", "ON"), **LAYER),
    "spoken.pdf": pdf(PAGE + f"/Span<</ActualText({PROSE})>> BDC " + shown("Tab") + " EMC\n"),
}
