"""What the fixture promises, at a box that it starts or finds, and at a service that only the key opens."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest
from pytest_tempnumber import TempnumberError


def state(tempnumber, sms):
    with urlopen(f"{tempnumber.url}/control/activations/{sms.id}", timeout=10) as answer:
        return json.load(answer)["status"]


@pytest.mark.rent(country="gb")
def test_code_is_text_and_comes_at_once(sms, tempnumber, request):
    assert sms.number == f"+44{sms.national}"
    assert ("tempnumber", f"{sms.number}, activation {sms.id}") in request.node.user_properties
    with ThreadPoolExecutor(1) as pool:
        code = pool.submit(sms.code)  # waits before the SMS is there
        sms.deliver("Acme: your code is 05678")
        assert code.result() == "05678"
    assert sms.message() == "Acme: your code is 05678"


def test_another_sms_never_the_former_code(sms):
    sms.deliver("Your code is 11111")
    assert sms.code() == "11111"
    sms.another()
    sms.deliver("Your code is 22222")
    assert sms.code() == "22222"


def test_nothing_came_is_said(sms):
    with pytest.raises(TempnumberError, match=r"^no SMS came to \+\d+ \(activation \d+\) within 0.5 s$") as failure:
        sms.code(timeout=0.5)
    assert (failure.value.kind, failure.value.exit_code) == ("no_sms", 3)


def test_no_code_is_said_without_the_text(sms):
    sms.deliver("Welcome to Acme")
    with pytest.raises(TempnumberError, match="there is no code in it") as failure:
        sms.code()
    assert "Welcome" not in str(failure.value)


former = []


def test_number_waits_while_its_test_runs(sms, tempnumber):
    former.append(sms)
    assert state(tempnumber, sms) == "smsRequested"


def test_number_is_given_back_after_it(tempnumber):
    assert state(tempnumber, former[0]) != "smsRequested"


SERVICE = """
    import urllib.request, json, pytest
    pytest_plugins = ["pytest_tempnumber"]

    @pytest.mark.rent(service="facebook", country="us", max_price="1.00", timeout=60)
    def test_code(sms, tempnumber):
        assert not tempnumber.offline
        data = json.dumps({"number": sms.number, "text": "Your code is 05678"}).encode()
        urllib.request.urlopen(%r + "/control/sms", data)
        assert sms.code() == "05678"

    @pytest.mark.rent(service="facebok", country="us")
    def test_unknown(sms):
        pass

    def test_unsaid(sms):
        pass
"""


def test_environment_alone_points_at_a_service(pytester, tempnumber, monkeypatch):
    monkeypatch.setenv("TEMPNUMBER_BASE_URL", tempnumber.url + "/api/v1")
    monkeypatch.setenv("TEMPNUMBER_API_KEY", "offline-key")
    monkeypatch.setenv("XDG_STATE_HOME", str(pytester.path))
    pytester.makepyfile(SERVICE % tempnumber.url)
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["*TempnumberError: *facebook*", "*TempnumberError: *numbers cost money here*"])


def test_wrong_environment_is_said(pytester, monkeypatch):
    monkeypatch.setenv("TEMPNUMBER_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.delenv("TEMPNUMBER_API_KEY", raising=False)
    pytester.makepyfile("pytest_plugins = ['pytest_tempnumber']\ndef test(sms): pass")
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no service in a box answers at TEMPNUMBER_BASE_URL=http://127.0.0.1:1*"])
