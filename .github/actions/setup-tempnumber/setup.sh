#!/usr/bin/env bash
# Installs a release of tempnumber and starts the service in a box. What it takes comes by the environment:
# the action's inputs as INPUT_…, and what GitHub's runner sets. It needs bash, curl, and tar or unzip.
set -euo pipefail

# stop SENTENCE ends the step with an error that the runner shows beside it.
stop() {
	echo "::error title=setup-tempnumber::$1"
	exit 1
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=${INPUT_VERSION:-}
if [[ -z $version ]]; then
	# The action comes with the sources of its release; they say which it is.
	version=$(sed -n 's/^const Version = "\(.*\)"$/\1/p' "$here/../../../tempnumber/options.go")
fi
version=${version#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || stop "version is \"$version\"; write it like 0.1.0"
case ${INPUT_START:-true} in
true | false) ;;
*) stop "start is \"$INPUT_START\"; it is true or false" ;;
esac

system=${RUNNER_OS:-$(uname -s)}
machine=${RUNNER_ARCH:-$(uname -m)}
suffix=.tar.gz program=tempnumber
case $system in
Linux) system=linux ;;
macOS | Darwin) system=darwin ;;
Windows) system=windows suffix=.zip program=tempnumber.exe ;;
*) stop "there is no program for $system; see https://github.com/tempnumber/tempnumber-go for building it with Go" ;;
esac
case $machine in
X64 | x86_64) machine=amd64 ;;
ARM64 | aarch64 | arm64) machine=arm64 ;;
*) stop "there is no program for $machine processors; see https://github.com/tempnumber/tempnumber-go for building it with Go" ;;
esac

base=tempnumber_${version}_${system}_${machine}
archive=$base$suffix
home=${RUNNER_TEMP:?}
if [[ $system == windows ]] && command -v cygpath >/dev/null; then home=$(cygpath -u "$home"); fi
home=$home/tempnumber
rm -rf "$home"
mkdir -p "$home"

# get FILE brings a file of the release.
releases=${INPUT_RELEASES%/}
get() {
	local from=$releases/v$version/$1
	case $releases in
	https://*) curl --proto '=https' --tlsv1.2 --fail --location --silent --show-error --retry 3 --output "$home/$1" "$from" ;;
	*://*) curl --fail --silent --show-error --output "$home/$1" "$from" ;;
	*) cp "$from" "$home/$1" ;;
	esac || stop "$from was not found; is there a release $version, and can it be reached from here?"
}
get SHA256SUMS
get "$archive"

wanted=$(awk -v name="$archive" '$2 == name { print $1 }' "$home/SHA256SUMS")
[[ -n $wanted ]] || stop "SHA256SUMS of release $version does not name $archive, so it cannot be trusted"
if command -v sha256sum >/dev/null; then
	found=$(sha256sum <"$home/$archive")
else
	found=$(shasum -a 256 <"$home/$archive")
fi
found=${found%% *}
[[ $found == "$wanted" ]] || stop "$archive has the SHA-256 sum $found, and its release says $wanted: it was damaged or changed on the way, and nothing of it was run"

if [[ $suffix == .zip ]]; then
	unzip -q "$home/$archive" -d "$home"
else
	tar -xzf "$home/$archive" -C "$home"
fi
bin=$home/$base
"$bin/$program" version || stop "$archive does not run on this machine"
shown=$bin # as other programs of the machine write it
if [[ $system == windows ]] && command -v cygpath >/dev/null; then shown=$(cygpath -w "$bin"); fi
echo "$shown" >>"$GITHUB_PATH"
echo "path=$shown" >>"$GITHUB_OUTPUT"
[[ ${INPUT_START:-true} == true ]] || exit 0

# The box outlives this step; the runner ends it with the job.
read -ra flags <<<"${INPUT_FLAGS:-}"
nohup "$bin/$program" mock --quiet --addr "${INPUT_ADDR:-127.0.0.1:8025}" ${flags[@]+"${flags[@]}"} >"$home/url" 2>"$home/log" </dev/null &
box=$!
for _ in {1..100}; do
	if [[ -s $home/url ]] || ! kill -0 "$box" 2>/dev/null; then break; fi
	sleep 0.1
done
url=$(tr -d '\r\n' <"$home/url")
[[ -n $url ]] || stop "the service in a box did not start: $(tr '\r\n' '  ' <"$home/log")"
"$bin/$program" ready "$url" || stop "the service in a box does not answer at $url"
{
	echo "TEMPNUMBER_BASE_URL=$url"
	echo "TEMPNUMBER_API_KEY=offline-key"
} >>"$GITHUB_ENV"
echo "url=$url" >>"$GITHUB_OUTPUT"
echo "The service in a box is at $url; TEMPNUMBER_BASE_URL and TEMPNUMBER_API_KEY point at it."
