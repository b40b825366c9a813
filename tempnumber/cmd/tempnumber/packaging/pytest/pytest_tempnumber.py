"""A phone number for each pytest test, and the code that comes to it by SMS.

Put this file beside your conftest.py and say in it: pytest_plugins = ["pytest_tempnumber"]

    def test_sign_up(sms):
        sign_up(sms.number)                  # "+18454076623"; sms.national is without the country code
        verify(sms.number, sms.code())       # the moment it is there; text, with its leading zeros

Nothing but Python's standard library and the program tempnumber (in PATH, or named by
TEMPNUMBER_BINARY) is needed. The environment alone decides where numbers come from:

    TEMPNUMBER_BASE_URL that is a service in a box: that one
    TEMPNUMBER_API_KEY or another TEMPNUMBER_BASE_URL: that service, through the program, so that
        all workers keep the key's limits together; numbers cost money there
    neither: a box at http://127.0.0.1:8025 if one runs there, else one that is started

The app under test sends its SMS to the box at tempnumber.url. At the real service the tests say
which number they want: @pytest.mark.rent(service="facebook", country="us", max_price="0.60").

Only for testing your own sign-up and second-factor flows and for accounts you may open.
Apache-2.0, https://github.com/tempnumber/tempnumber-go
"""

import json
import os
import shutil
import subprocess
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

USUAL_BOX = "http://127.0.0.1:8025"
ORDER_TIME = 150  # seconds; the key's limits may hold up an order


class TempnumberError(Exception):
    """What went wrong; kind and exit_code are those of the program: tempnumber help exit-codes."""

    def __init__(self, message, kind="other", exit_code=1, status=None):
        super().__init__(message)
        self.kind, self.exit_code, self.status = kind, exit_code, status


def _program():
    """Where the program is."""
    named = os.environ.get("TEMPNUMBER_BINARY")
    found = shutil.which(named or "tempnumber")
    if not found:
        raise TempnumberError(
            f"TEMPNUMBER_BINARY is {named}, and there is no such program" if named
            else "the program tempnumber is not in PATH; install it, or let TEMPNUMBER_BINARY say where it is",
            "usage", 2)
    return found


def _is_box(url):
    """Whether a service in a box answers at a URL. No key is sent for that."""
    try:
        with urlopen(f"{url}/control", timeout=5) as answer:
            return "GET /control/codes/{number}" in json.load(answer)
    except (OSError, ValueError):
        return False


class _Box:
    """The service in a box: asked for codes by one request that is answered the moment they come."""

    offline = True

    def __init__(self, url, key="offline-key", program=None):
        self.url, self._key, self._running = url, key, program

    def _request(self, method, path, body=None, timeout=0.0):
        headers = {"content-type": "application/json", "x-api-key": self._key}
        data = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(self.url + path, data, headers, method=method), timeout=timeout + 20) as answer:
                text = answer.read()
            return json.loads(text) if text else None
        except HTTPError as refused:
            with refused:
                text = refused.read().decode(errors="replace")
            message = f"{method} {path.partition('?')[0]}: {refused.code} {text.strip()}"
            raise TempnumberError(message, status=refused.code) from None
        except URLError as failure:
            message = f"the service in a box at {self.url} was not reached: {failure.reason}"
            raise TempnumberError(message, "unreachable", 10) from None

    def rent(self, service=None, country=None, max_price=None):
        order = {"serviceId": service or "facebook", "countryId": country or "us"}
        if max_price is not None:
            order["expectedPrice"] = float(max_price)
        found = self._request("POST", "/activations", order)
        return {"id": found["id"], "number": f"+{found['number']}", "national": str(found["nationalNumber"])}

    def wait(self, rented, timeout):
        path = f"/control/codes/{quote(rented['number'])}?wait={int(timeout * 1000)}ms"
        try:
            return self._request("GET", path, timeout=timeout)
        except TempnumberError as failure:
            if failure.status != 404:
                raise
            message = f"no SMS came to {rented['number']} (activation {rented['id']}) within {timeout} s"
            raise TempnumberError(message, "no_sms", 3) from None

    def another(self, rented):
        self._request("PUT", f"/activations/{rented['id']}", {"status": "retry"})

    def deliver(self, rented, text):
        self._request("POST", "/control/sms", {"number": rented["number"], "text": text})

    def release(self, rented):
        """End a number that still waits, so that it counts no longer as pending."""
        found = self._request("GET", f"/control/activations/{rented['id']}")
        if found["status"] in ("smsRequested", "retryRequested"):
            self._request("POST", f"/control/activations/{rented['id']}/refund")

    def stop(self):
        if self._running:
            self._running.terminate()
            self._running.wait()
            self._running.stdout.close()


class _Service:
    """Another service, such as the real one: through the program, which keeps the key's limits."""

    offline = False

    def __init__(self, url):
        self.url = url

    @staticmethod
    def _run(*args):
        done = subprocess.run([_program(), *args, "--json"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return json.loads(done.stdout) if done.stdout.strip() else None
        try:
            failure = json.loads(done.stderr.strip().splitlines()[-1])["error"]
        except (ValueError, IndexError, KeyError):
            failure = {"message": done.stderr.strip()}
        message = "; ".join(filter(None, (failure["message"], failure.get("hint"))))
        raise TempnumberError(message, failure.get("kind", "other"), done.returncode)

    def rent(self, service=None, country=None, max_price=None):
        if not service or not country:
            raise TempnumberError(
                "numbers cost money here, so the tests have to say which: "
                '@pytest.mark.rent(service="facebook", country="us", max_price="0.60")', "usage", 2)
        price = () if max_price is None else ("--max-price", str(max_price))
        return self._run("order", service, country, "--timeout", f"{ORDER_TIME}s", *price)

    def wait(self, rented, timeout):
        return self._run("wait", str(rented["id"]), "--timeout", f"{int(timeout * 1000)}ms")

    def another(self, rented):
        self._run("another", str(rented["id"]))

    def deliver(self, rented, text):
        message = "only a service in a box delivers SMS on demand; here the app under test has to send it"
        raise TempnumberError(message, "usage", 2)

    def release(self, rented):
        """There is no cancel: a number without an SMS ends by itself after about twenty minutes."""

    def stop(self):
        pass


def _start_box():
    """Start a box on a free port. It keeps no rate limits: no key is at stake."""
    program = subprocess.Popen([_program(), "mock", "--quiet", "--lenient"], stdout=subprocess.PIPE, text=True)
    url = program.stdout.readline().strip()
    if not url:
        program.stdout.close()
        raise TempnumberError(f"tempnumber mock ended with {program.wait()}")
    return _Box(url, program=program)


def _find():
    """Find the service that the environment names."""
    key, url = os.environ.get("TEMPNUMBER_API_KEY"), os.environ.get("TEMPNUMBER_BASE_URL", "").rstrip("/")
    if url and _is_box(url):
        return _Box(url, key or "offline-key")
    if key:
        return _Service(url or None)
    if url:
        raise TempnumberError(
            f"no service in a box answers at TEMPNUMBER_BASE_URL={url}, and TEMPNUMBER_API_KEY is not set; "
            "start one (tempnumber mock), or give the key of that service", "usage", 2)
    return _Box(USUAL_BOX) if _is_box(USUAL_BOX) else _start_box()


class Sms:
    """A number that this test alone has: id, number in E.164, national without the country code."""

    def __init__(self, service, rented, timeout):
        self._service, self._rented = service, rented
        self._timeout = timeout or (30 if service.offline else 180)
        self.id, self.number, self.national = rented["id"], rented["number"], rented["national"]

    def code(self, timeout=None):
        """Wait for the SMS, timeout seconds at most, and return its code."""
        code = self._service.wait(self._rented, timeout or self._timeout)["code"]
        if not code:
            message = f"an SMS came to {self.number} (activation {self.id}), and there is no code in it"
            raise TempnumberError(message, "no_code", 11)
        return code

    def message(self, timeout=None):
        """Wait for the SMS, timeout seconds at most, and return its text."""
        return self._service.wait(self._rented, timeout or self._timeout)["message"]

    def another(self):
        """Ask for another SMS on the same number, after one has come. code then waits for that one."""
        self._service.another(self._rented)

    def deliver(self, text):
        """Have an SMS arrive, for trying things out. Only at a box."""
        self._service.deliver(self._rented, text)


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "rent(service, country, max_price, timeout): which number the fixture sms rents, and how long it waits")


@pytest.fixture(scope="session")
def tempnumber():
    """The service that numbers come from; its url is where the app under test sends its SMS."""
    service = _find()
    yield service
    service.stop()


@pytest.fixture
def sms(tempnumber, request, record_property):
    """A number for this test, rented before it begins."""
    marker = request.node.get_closest_marker("rent")
    wanted = dict(marker.kwargs) if marker else {}
    timeout = wanted.pop("timeout", None)
    rented = tempnumber.rent(**wanted)
    # A number that was paid for is named in the report, whatever becomes of the test.
    record_property("tempnumber", f"{rented['number']}, activation {rented['id']}")
    yield Sms(tempnumber, rented, timeout)
    tempnumber.release(rented)
