import pytest

from aisecops.report.figures import figure


@pytest.mark.parametrize(
    ("value", "written"), [(0.05267, "0.0527"), (0, "0"), (1, "1"), (999.4, "999"), (1000, "1,000"), (-12345.6, "-12,346"), (4000000.0, "4,000,000")]
)
def test_a_figure_is_read_at_a_glance(value, written):
    assert figure(value) == written
