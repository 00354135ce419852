import pytest

import mock


@pytest.fixture(autouse=True)
def fresh():
    """Nothing of one test is left for the next."""
    mock.reset()


@pytest.fixture(params=mock.WAYS)
def way(request):
    return request.param
