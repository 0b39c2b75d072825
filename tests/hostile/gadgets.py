"""Callables that run code, or touch files, processes or the network: each called once, by REDUCE, and each stored once where it might be called later."""

# ruff: noqa: A001, E501, E731, RUF100 (one sample, one line; `id` is what it is)

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.assembler import called, listed, mapped, named, new, number, pack, reduce, stream, text
from tests.hostile.sample import REVIEW, Sample, carrier

_CALLS = """
builtins:eval builtins:exec builtins:compile builtins:open builtins:__import__ builtins:input builtins:breakpoint builtins:setattr builtins:delattr builtins:globals builtins:vars
os:system os:popen os:execv os:spawnlp os:posix_spawn os:fork os:remove os:unlink os:rename os:symlink os:mkdir os:rmdir os:chmod os:putenv os:kill os:_exit os:listdir os:startfile
posix:system posix:execv posix:open nt:system subprocess:Popen subprocess:run subprocess:call subprocess:check_output subprocess:getoutput _posixsubprocess:fork_exec
pty:spawn runpy:run_path runpy:run_module runpy:_run_code code:interact code:InteractiveInterpreter codeop:compile_command timeit:timeit timeit:main trace:Trace bdb:Bdb pdb:run
profile:run profile:Profile cProfile:run cProfile:runctx doctest:debug_script doctest:run_docstring_examples pydoc:pipepager pydoc:tempfilepager pydoc:locate pydoc:writedoc
importlib:import_module importlib:reload importlib.util:spec_from_file_location importlib.machinery:SourceFileLoader imp:load_source imp:load_dynamic zipimport:zipimporter
pkgutil:resolve_name pkgutil:get_loader site:execsitecustomize sys:settrace sys:exit sys:setprofile sys:addaudithook atexit:register signal:signal threading:Thread
multiprocessing.util:spawnv_passfds multiprocessing:Process concurrent.futures.process:ProcessPoolExecutor asyncio:run asyncio.unix_events:_UnixSubprocessTransport sched:scheduler
ctypes:CDLL ctypes:PyDLL ctypes:string_at ctypes:memmove ctypes.util:find_library _ctypes:dlopen mmap:mmap gc:get_objects inspect:getsource types:FunctionType types:CodeType types:ModuleType
socket:create_connection socket:socket ssl:get_server_certificate http.client:HTTPConnection http.server:HTTPServer urllib.request:urlopen urllib.request:urlretrieve ftplib:FTP
smtplib:SMTP imaplib:IMAP4_stream poplib:POP3 nntplib:NNTP telnetlib:Telnet socketserver:TCPServer xmlrpc.client:ServerProxy webbrowser:open webbrowser:get antigravity:geohash
shutil:rmtree shutil:copyfile shutil:move shutil:make_archive shutil:unpack_archive tempfile:mkdtemp tempfile:NamedTemporaryFile pathlib:Path.write_text io:open io:FileIO _io:open
codecs:open fileinput:input linecache:getlines gzip:open bz2:open lzma:open tarfile:open zipfile:ZipFile shelve:open dbm:open sqlite3:connect mailbox:mbox csv:reader
logging:FileHandler logging:basicConfig logging.config:listen logging.config:fileConfig logging.handlers:SocketHandler configparser:ConfigParser netrc:netrc plistlib:load
pickle:loads pickle:load pickle:Unpickler _pickle:loads marshal:loads marshal:load json:load xml.dom.minidom:parse xml.etree.ElementTree:parse xml.sax:parse tomllib:load
distutils.file_util:write_file distutils.spawn:spawn distutils.dir_util:copy_tree lib2to3.pgen2.grammar:Grammar.loads lib2to3.pgen2.pgen:ParserGenerator idlelib.run:Executive
idlelib.pyshell:ModifiedInterpreter idlelib.debugobj:ObjectTreeItem idlelib.autocomplete:AutoComplete ensurepip:_run_pip venv:create compileall:compile_dir py_compile:compile
uuid:_get_command_stdout _osx_support:_find_build_tool _aix_support:_read_cmd_output _pyrepl.pager:pipe_pager platform:popen platform:_syscmd_ver mimetypes:guess_type getpass:getpass
test.support.script_helper:assert_python_ok test.support:run_code turtle:config_dict this:s unittest.main:main wsgiref.simple_server:make_server cgitb:lookup rlcompleter:Completer
operator:attrgetter operator:methodcaller functools:reduce functools:cached_property itertools:starmap itertools:accumulate builtins:map builtins:filter weakref:finalize contextlib:ExitStack
dataclasses:make_dataclass enum:Enum collections:namedtuple typing:get_type_hints typing:ForwardRef string:Formatter copy:copy copyreg:pickle copyreg:constructor abc:abstractmethod
_codecs:decode codecs:decode codecs:register encodings:search_function locale:getpreferredencoding gettext:c2py gettext:translation textwrap:dedent random:_test array:_test
numpy:load numpy:save numpy:savetxt numpy:loadtxt numpy:genfromtxt numpy:fromfile numpy:fromregex numpy:memmap numpy:fromfunction numpy:vectorize numpy:frompyfunc numpy:apply_along_axis
numpy:piecewise numpy.lib.npyio:DataSource numpy.lib._datasource:open numpy.ctypeslib:load_library numpy.f2py:compile numpy.f2py.crackfortran:getlincoef numpy.f2py.crackfortran:_eval_length
numpy.f2py.diagnose:run_command numpy.testing:runstring numpy.testing._private.utils:runstring numpy.testing:measure numpy.distutils.exec_command:exec_command numpy.core._internal:_ctypes
numpy.core.multiarray:fromfile numpy._core.multiarray:fromfile numpy.core.records:fromfile numpy:setbufsize numpy.lib.utils:safe_eval numpy.lib._utils_impl:_makenamedict
scipy.io:loadmat scipy.io:savemat scipy.io.wavfile:read scipy.optimize:minimize scipy.integrate:quad scipy.LowLevelCallable:from_cython scipy._lib._ccallback:LowLevelCallable
scipy.stats._distn_infrastructure:rv_continuous scipy.weave:inline scipy.special._precompute.utils:mp scipy.datasets:face
pandas:read_pickle pandas:read_csv pandas:read_json pandas:read_html pandas:read_sql pandas:read_parquet pandas:eval pandas:to_pickle pandas:HDFStore pandas:ExcelFile pandas.io.pickle:read_pickle
pandas.io.common:get_handle pandas.core.computation.eval:eval pandas.core.frame:DataFrame.query pandas.core.frame:DataFrame.to_pickle pandas._testing:makeMixedDataFrame pandas.io.clipboard:copy
sklearn.datasets:load_files sklearn.datasets:fetch_openml sklearn.datasets._base:load_csv_data sklearn.utils._testing:assert_run_python_script_without_output sklearn.utils:parallel_backend
sklearn.externals.joblib:load sklearn.utils.fixes:delayed sklearn.setup:configuration sklearn.experimental:enable_iterative_imputer sklearn.utils.parallel:Parallel sklearn.utils._show_versions:show_versions
joblib:load joblib:dump joblib:Memory joblib:Parallel joblib.memory:Memory joblib.numpy_pickle:load joblib.numpy_pickle:NumpyUnpickler joblib.parallel:BatchedCalls joblib.func_inspect:get_func_code
joblib.externals.loky:get_reusable_executor joblib.externals.loky.backend.resource_tracker:main joblib.externals.cloudpickle:loads joblib._memmapping_reducer:make_memmap joblib.disk:mkdirp
torch:load torch:save torch:compile torch:from_file torch.hub:load torch.hub:download_url_to_file torch.hub:_load_local torch.jit:load torch.jit:script torch.jit:CompilationUnit
torch.utils.cpp_extension:load torch.utils.cpp_extension:load_inline torch.utils.collect_env:run torch.utils.model_zoo:load_url torch.utils.bottleneck.__main__:run_cprofile
torch.utils._config_module:load_config torch._inductor.codecache:compile_file torch._inductor.runtime.compile_tasks:_reload_python_module_in_subproc torch.serialization:load torch._C:import_ir_module
torch.fx.experimental.symbolic_shapes:ShapeEnv.evaluate_guards_expression torch.fx.graph_module:_deserialize_graph_module torch.fx.graph_module:reduce_graph_module torch.package:PackageImporter
torch.distributed.rpc:rpc_sync torch.distributed.run:main torch.multiprocessing:spawn torch.classes:load_library torch.ops:load_library torch._dynamo.guards:GuardBuilder.get torch._ops:load_library
torch.testing._internal.common_utils:run_cmd torch.storage:_load_from_bytes torch.onnx:export torch.profiler:profile torch.export:load torch.utils.data.datapipes.utils.decoder:basichandlers
xgboost:DMatrix xgboost.core:DataIter xgboost.dask:DaskDMatrix lightgbm:Dataset lightgbm.basic:Dataset catboost:Pool catboost.utils:create_cd statsmodels.iolib.smpickle:load_pickle
statsmodels.datasets.utils:_urlopen_cached imblearn.datasets:fetch_datasets transformers:pipeline transformers.dynamic_module_utils:get_class_from_dynamic_module torchvision.datasets.utils:download_url
cloudpickle:loads cloudpickle.cloudpickle:subimport_ dill:loads dill:load_session dill._dill:_import_module_ dill._dill:_getattribute dill._dill:_eval_repr dill.temp:load pip:main pip._internal:main
setuptools.command.build_ext:build_ext pkg_resources:run_script pkg_resources:load_entry_point IPython:start_ipython IPython.utils.process:system IPython.core.interactiveshell:InteractiveShell
numexpr:evaluate sympy:sympify sympy.parsing.sympy_parser:parse_expr requests:get urllib3:PoolManager httpx:get aiohttp:request paramiko:SSHClient fabric:Connection psutil:Popen pexpect:run
sh:Command plumbum:local docker:from_env yaml:load yaml:unsafe_load jinja2:Template jsonpickle:decode tensorflow:load_library tensorflow.keras.models:load_model keras.models:load_model
keras.src.utils.file_utils:get_file h5py:File PIL.Image:open cv2:imread matplotlib.pyplot:savefig huggingface_hub:hf_hub_download datasets:load_dataset mlflow:run wandb:init ray:init dask:delayed
pyspark:SparkContext numba:jit cffi:FFI llvmlite.binding:load_library_permanently Cython.Build:cythonize pytest:main _pytest.config:main click:launch typer:launch fsspec:open s3fs:S3FileSystem
boto3:client google.cloud:storage nltk.data:load polars:read_csv pyarrow:memory_map tables:open_file sqlalchemy:create_engine redis:Redis psycopg2:connect pydevd:main debugpy:listen
"""


_REVIEWED = frozenset({"nltk.data:load", "types:FunctionType", "types:CodeType"})
"""Of packages that nobody has examined: not clean, but not known to be harmful either."""


def samples() -> Iterator[Sample]:
    for name in dict.fromkeys(_CALLS.split()):
        module, function = name.split(":")
        verdict = REVIEW if name in _REVIEWED else "block"
        slug = name.replace(":", "-").replace(".", "-")
        content = stream(called(module, function, text("echo hostile")), b"0", mapped(weights=listed(number(1))))
        yield Sample(f"gadget-call-{slug}", "gadgets", f"calls {name}", content, verdict, says=f"{module}.{function}")
        held = stream(mapped(weights=listed(number(1)), hook=named(module, function)))
        yield Sample(
            f"gadget-held-{slug}", "gadgets-held", f"stores {name}", held, REVIEW if name in _REVIEWED | _BY_VALUE | _HARMLESS_TO_HOLD else verdict
        )
    yield from conditional()


_BY_VALUE = frozenset({"types:FunctionType", "types:CodeType"})
_HARMLESS_TO_HOLD: frozenset[str] = frozenset()


def conditional() -> Iterator[Sample]:
    """Callables that are allowed, with arguments for which they are not."""
    group = "conditional"
    hostile = (
        ("codec-zlib", "_codecs.encode with a codec that decompresses", called("_codecs", "encode", text("x"), text("zlib"))),
        ("codec-rot13", "_codecs.encode with rot13", called("_codecs", "encode", text("flfgrz"), text("rot13"))),
        ("codec-hidden", "_codecs.encode with a computed codec", called("_codecs", "encode", text("x"), called("builtins", "str", text("utf8")))),
        ("enum-function", "getattr on an enumeration: a method of its class", called("builtins", "getattr", named("http", "HTTPStatus"), text("__init_subclass__"))),
        ("getattr-dunder", "getattr of __subclasses__ on object", reduce(called("builtins", "getattr", named("builtins", "object"), text("__subclasses__")))),
        ("getattr-format", "str.format reaches any attribute", reduce(called("builtins", "getattr", named("builtins", "str"), text("format")), text("{0.__class__}"))),
        ("reconstruct-class", "numpy's reconstructor with another class", called("numpy.core.multiarray", "_reconstruct", named("subprocess", "Popen"), pack(number(0)), text("b"))),
        ("kdtree-class", "a Cython newObj with another class", called("sklearn.neighbors._kd_tree", "newObj", named("subprocess", "Popen"))),
        ("rebuild-function", "torch's _rebuild_from_type_v2 with a function of our own", called("torch._tensor", "_rebuild_from_type_v2", named("posix", "system"), named("torch", "Tensor"), pack(text("echo")), b"}")),
        ("new-index", "pandas' _new_Index with another class", called("pandas.core.indexes.base", "_new_Index", named("subprocess", "Popen"), mapped(args=text("id")))),
        ("ufunc-other", "numpy's old _ufunc_reconstruct fetches any name", called("numpy.core", "_ufunc_reconstruct", text("os"), text("system"))),
        ("cloudpickle-import", "cloudpickle's subimport of a module with effects", called("cloudpickle.cloudpickle", "subimport", text("antigravity"))),
        ("builtin-type", "cloudpickle's _builtin_type of something else", called("cloudpickle.cloudpickle", "_builtin_type", text("SourceFileLoader"))),
        ("class-setstate", "cloudpickle's _class_setstate on a class of a library", called("cloudpickle.cloudpickle", "_class_setstate", named("argparse", "Namespace"), pack(mapped(x=b"N"), b"}"))),
        ("function-setstate", "cloudpickle's _function_setstate on a function of a library", called("cloudpickle.cloudpickle", "_function_setstate", named("sklearn.metrics._classification", "accuracy_score"), pack(b"}", b"}"))),
        ("setitems", "dill's _setitems on a dictionary of a library", called("dill._dill", "_setitems", named("copyreg", "dispatch_table"), b"}")),
        ("stored-getattr", "a partial of getattr, stored", called("functools", "partial", named("builtins", "getattr"))),
        ("stored-reconstructor", "a partial of copyreg's __newobj__, stored", called("functools", "partial", named("copyreg", "__newobj__"))),
        ("string-state", "scipy evaluates the state of a distribution", new("scipy.stats._distn_infrastructure", "rv_continuous") + mapped(_parse_arg_template=text("print(1)")) + b"b"),
        ("stored-distribution", "the class of a distribution, stored", mapped(f=named("scipy.stats._continuous_distns", "norm_gen"))),
        ("stored-model-data", "the class of statsmodels that evaluates formulas, stored", mapped(f=named("statsmodels.base.data", "PandasData"))),
        ("stored-vectorize", "numpy's loop over any function, stored", mapped(f=named("numpy", "vectorize"))),
        ("called-vectorize", "numpy's loop over any function, called", called("numpy", "vectorize", named("builtins", "print"))),
        ("zoneinfo-key", "getattr of a private method of ZoneInfo", reduce(called("builtins", "getattr", named("zoneinfo", "ZoneInfo"), text("from_file")), text("/etc/passwd"))),
    )  # fmt: skip
    for id, technique, body in hostile:
        yield carrier(f"condition-{id}", group, technique, lambda _c, body=body: stream(body), loader="")
