#!/usr/bin/env bash
# A sign-up by SMS from a shell: order a number, type it into the app, wait for the code, type that.
# Everything runs offline here. Against the real service leave out the mock and set TEMPNUMBER_API_KEY.
set -euo pipefail

scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$scratch"' EXIT

# Starts a program that prints its URL once it is ready, and leaves that in $url.
start() {
	: >"$scratch/url"
	"$@" >"$scratch/url" &
	until [[ -s $scratch/url ]]; do
		kill -0 $! 2>/dev/null || exit 1
		sleep 0.05
	done
	url=$(<"$scratch/url")
}

start tempnumber mock --quiet
export TEMPNUMBER_BASE_URL=$url TEMPNUMBER_API_KEY=offline-key
start signupapp
app=$url

submit() { # PATH FORM
	curl --silent --show-error --fail --header 'Content-Type: application/json' --data "$2" "$app$1"
}

read -r id number < <(tempnumber order facebook us --max-price 1)
submit /signup "{\"phone\": \"$number\"}"
code=$(tempnumber wait "$id" --timeout 90s)
submit /verify "{\"phone\": \"$number\", \"code\": \"$code\"}"
echo "verified $number"

# Nothing is sent twice: wait ends with 3 when no SMS came in time.
tempnumber another "$id"
exit_code=0
tempnumber wait "$id" --timeout 5s --quiet 2>/dev/null || exit_code=$?
((exit_code == 3)) && echo "no other SMS came"
