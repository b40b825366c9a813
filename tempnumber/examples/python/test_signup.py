"""A sign-up by SMS with Python's standard library alone, eight at a time.

Run it with the programs tempnumber and signupapp in PATH: python3 -m unittest
Or let BOX_URL and APP_URL name a service in a box and an app that run already.
"""

import json
import os
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen


def request(method, url, body=None):
    """Send JSON and return the answer, None for an empty one."""
    headers = {"content-type": "application/json", "x-api-key": "offline-key"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, headers, method=method), timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class SignUp(unittest.TestCase):
    @classmethod
    def start(cls, *command, **env):
        """Run a program that prints its URL when it is ready, and return that."""
        program = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(program.stdout.close)
        cls.addClassCleanup(program.wait)
        cls.addClassCleanup(program.terminate)
        return program.stdout.readline().strip()

    @classmethod
    def setUpClass(cls):
        cls.box, cls.app = os.environ.get("BOX_URL"), os.environ.get("APP_URL")
        if cls.box and cls.app:
            return
        cls.box = cls.start("tempnumber", "mock", "--quiet")
        # The app posts {"recipient": {"phone": …}, "message": …} to the address of its gateway.
        gateway = cls.box + "/intake/http?to=/recipient/phone&text=/message"
        cls.app = cls.start("signupapp", SMS_WEBHOOK=gateway)

    def sign_up(self, country):
        order = request("POST", self.box + "/activations", {"serviceId": "facebook", "countryId": country})
        number = f"+{order['number']}"
        request("POST", self.app + "/signup", {"phone": number})
        sms = request("GET", f"{self.box}/control/codes/{quote(number)}?wait=30s")
        request("POST", self.app + "/verify", {"phone": number, "code": sms["code"]})
        return sms["code"]

    def test_eight_at_a_time(self):
        with ThreadPoolExecutor(8) as workers:
            codes = list(workers.map(self.sign_up, ["us", "gb", "de", "fr"] * 2))
        for code in codes:
            self.assertRegex(code, r"^\d{5}$")

    def test_a_wrong_code_is_refused(self):
        with self.assertRaises(HTTPError) as refused:
            request("POST", self.app + "/verify", {"phone": "+18454123223", "code": "00000"})
        self.assertEqual(refused.exception.code, 403)
        refused.exception.close()


if __name__ == "__main__":
    unittest.main()
