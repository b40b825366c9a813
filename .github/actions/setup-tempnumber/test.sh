#!/usr/bin/env bash
# Tests setup.sh with a release in a directory, as GitHub's runner would call it.
# usage: test.sh DIST VERSION      a directory that make dist has written
set -euo pipefail
setup=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/setup.sh
dist=$(realpath "$1")
version=$2
base=tempnumber_${version}_linux_amd64

scratch=$(mktemp -d)
web=
finish() {
	# The boxes are those that were started with this directory's program, and no others.
	for file in "$scratch"/*/pids; do
		if [[ -s $file ]]; then xargs kill <"$file" 2>/dev/null || true; fi
	done
	if [[ -n $web ]]; then kill "$web"; fi
	rm -rf "$scratch"
}
trap finish EXIT
passed=0
fail() {
	echo "not ok: $*" >&2
	[[ ! -f output ]] || sed 's/^/    /' output >&2
	exit 1
}
ok() {
	passed=$((passed + 1))
	echo "ok $passed - $1"
}

# try NAME VARIABLE=VALUE... runs the script in a folder of its own; its status is in $status.
try() {
	mkdir "$scratch/$1"
	cd "$scratch/$1"
	shift
	touch environment path outputs
	status=0
	env -i PATH="$PATH" HOME="$PWD" RUNNER_TEMP="$PWD" RUNNER_OS=Linux RUNNER_ARCH=X64 INPUT_ADDR=127.0.0.1:0 \
		GITHUB_ENV="$PWD/environment" GITHUB_PATH="$PWD/path" GITHUB_OUTPUT="$PWD/outputs" INPUT_RELEASES="$scratch/releases" "$@" \
		bash "$setup" >output 2>&1 || status=$?
	pgrep --full "^$PWD/tempnumber/.*mock" >pids || true
}
# refused SENTENCE holds a run to having failed with that error and with nothing handed on.
refused() {
	((status == 1)) || fail "it ended with $status"
	grep -q "^::error title=setup-tempnumber::.*$1" output || fail "no error says \"$1\""
	[[ ! -s environment && ! -s pids ]] || fail "a box was started or handed on"
}

mkdir -p "$scratch/releases/v$version"
cp "$dist"/SHA256SUMS "$dist"/*.tar.gz "$dist"/*.zip "$scratch/releases/v$version"

try good
((status == 0)) || fail "it ended with $status"
url=$(sed -n 's/^url=//p' outputs)
[[ $(<environment) == "TEMPNUMBER_BASE_URL=$url"$'\n'"TEMPNUMBER_API_KEY=offline-key" ]] || fail "the environment is $(<environment)"
[[ $(<path) == "$PWD/tempnumber/$base" && $(sed -n 's/^path=//p' outputs) == "$(<path)" ]] || fail "PATH is $(<path)"
export HOME=$PWD
code=$(
	# As the next step of the job: only what was handed on.
	# shellcheck disable=SC1091
	set -a && . ./environment && PATH=$(<path):$PATH
	read -r id number < <(tempnumber order facebook us)
	curl --silent --fail --output sent --data "{\"number\": \"$number\", \"text\": \"Your code is 05678\"}" "$TEMPNUMBER_BASE_URL/control/sms"
	tempnumber wait "$id" --timeout 20s
)
[[ $code == 05678 ]] || fail "the code is $code"
ok "the steps that follow find the program and the box, from the version of the sources"

try named INPUT_VERSION="v$version" INPUT_FLAGS="--auto-sms 0s --balance 7"
((status == 0)) || fail "it ended with $status"
curl --silent --fail "$(sed -n 's/^url=//p' outputs)/control/balance" | grep -q '"balance": *7[,}]' || fail "the flags were not passed on"
ok "a version that is named, and flags"

try unstarted INPUT_START=false
((status == 0)) || fail "it ended with $status"
[[ ! -s environment && ! -s pids && -s path ]] || fail "a box was started"
ok "the program alone"

python3 -u -m http.server --bind 127.0.0.1 --directory "$scratch/releases" 0 >"$scratch/web" 2>/dev/null &
web=$!
for _ in {1..100}; do
	[[ -s $scratch/web ]] && break
	sleep 0.1
done
address=http://127.0.0.1:$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$scratch/web")
try served INPUT_START=false INPUT_RELEASES="$address/"
((status == 0)) || fail "it ended with $status"
try filed INPUT_START=false INPUT_RELEASES="file://$scratch/releases"
((status == 0)) || fail "it ended with $status"
ok "by http and by file"

try unreleased INPUT_VERSION=99.0.0 INPUT_RELEASES="$address"
refused "v99.0.0/SHA256SUMS was not found; is there a release 99.0.0"
ok "a release that there is not"

mkdir -p "$scratch/others"
cp -r "$scratch/releases/v$version" "$scratch/others/v$version"
truncate --size=-1 "$scratch/others/v$version/$base.tar.gz"
try damaged INPUT_RELEASES="$scratch/others"
refused "$base.tar.gz has the SHA-256 sum [0-9a-f]*, and its release says [0-9a-f]*: it was damaged"
[[ ! -e tempnumber/$base && ! -s path ]] || fail "it was unpacked"
ok "a wrong sum: nothing is unpacked, nothing is run"

rm "$scratch/others/v$version/$base.tar.gz"
try missing INPUT_RELEASES="$scratch/others"
refused "$base.tar.gz was not found"
ok "an archive that is missing"

sed -i "/$base/d" "$scratch/others/v$version/SHA256SUMS"
cp "$dist/$base.tar.gz" "$scratch/others/v$version"
try unsummed INPUT_RELEASES="$scratch/others"
refused "does not name $base.tar.gz"
ok "an archive without a sum"

try arm RUNNER_ARCH=ARM
refused "there is no program for ARM processors"
try plan9 RUNNER_OS=Plan9
refused "there is no program for Plan9"
ok "platforms that there is no program for"

# shellcheck disable=SC2016 # it is not to be expanded
for bad in latest '1.2.3; id' '../1.2.3' '$(id)'; do
	rm -rf "$scratch/bad"
	try bad INPUT_VERSION="$bad"
	refused "write it like 0.1.0"
done
try unsure INPUT_START=maybe
refused "it is true or false"
ok "inputs that are wrong"

try taken INPUT_ADDR="${url#http://}"
refused "the service in a box did not start: .*address already in use"
try flagged INPUT_FLAGS="--nonsense"
refused "the service in a box did not start: .*--nonsense"
ok "a box that does not start says why"

# The other systems' archives are found and unpacked; their programs cannot run here, and a script stands in.
for system in macOS:ARM64:darwin_arm64.tar.gz:tempnumber Windows:X64:windows_amd64.zip:tempnumber.exe; do
	IFS=: read -r os arch file program <<<"$system"
	rm -rf "$scratch/stand-in"
	name=tempnumber_${version}_${file%%.*}
	mkdir -p "$scratch/stand-in/v$version/$name"
	cd "$scratch/stand-in/v$version"
	printf '#!/bin/sh\necho stand-in\n' >"$name/$program"
	chmod +x "$name/$program"
	if [[ $file == *.zip ]]; then python3 -m zipfile -c "$name.zip" "$name"; else tar -czf "$name.tar.gz" "$name"; fi
	sha256sum "$name.${file#*.}" >SHA256SUMS
	# Python's zipfile keeps the mode, as the release's archives do.
	try "stand-in-$os" RUNNER_OS="$os" RUNNER_ARCH="$arch" INPUT_START=false INPUT_RELEASES="$scratch/stand-in"
	((status == 0)) || fail "$os: it ended with $status"
	[[ $(<path) == "$PWD/tempnumber/$name" ]] || fail "$os: PATH is $(<path)"
	grep -q stand-in output || fail "$os: it was not run"
done
ok "macOS and Windows"

echo "$passed passed, 0 failed"
