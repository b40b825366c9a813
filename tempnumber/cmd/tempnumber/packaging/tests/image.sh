#!/usr/bin/env bash
# Builds the image with buildah, which needs no engine, twice and for both architectures, and runs what it says:
# its command, until its health check is content, in a network of its own, where an address that is not
# loopback stands for the outside. Needs root, buildah, ip and curl.
# usage: image.sh CONTEXT VERSION SCRATCH
set -euo pipefail
if [[ ${4:-} != inside ]]; then exec unshare --net bash "$0" "$@" inside; fi
context=$(realpath "$1")
version=$2
scratch=$(realpath "$3")
mkdir -p "$scratch"
cd "$scratch"
ip link set lo up
ip address add 192.0.2.1/32 dev lo # an address for documentation; it exists in here alone

fail() {
	echo "image: $*" >&2
	exit 1
}
buildah() { command buildah --storage-driver vfs --root "$scratch/storage" --runroot "$scratch/run" "$@"; }
build() { buildah bud --quiet --isolation chroot --format docker --timestamp 0 --platform "$1" --build-arg VERSION="$version" --tag "$2" "$context"; }

for image in first:amd64 second:amd64 arm:arm64; do
	build "linux/${image#*:}" "localhost/${image%:*}" >>built
	buildah inspect --type image "localhost/${image%:*}" >"${image%:*}.json"
done
python3 - "$version" >program <<'END'
import json, sys
first, second, arm = (json.load(open(f"{name}.json"))["Docker"] for name in ("first", "second", "arm"))
assert first["rootfs"] == second["rootfs"], "two builds gave different layers"
assert first["created"] == second["created"]
assert (first["architecture"], arm["architecture"]) == ("amd64", "arm64")
config = first["config"]
assert config["User"] == "65532:65532", config
assert config["Labels"]["org.opencontainers.image.version"] == sys.argv[1], config
assert "8025/tcp" in config["ExposedPorts"], config
assert config["Healthcheck"]["Test"][0] == "CMD", config
for part in config["Entrypoint"] + config["Cmd"]:
    print(part)
json.dump(config["Healthcheck"]["Test"][1:], open("health.json", "w"))
END

container=$(buildah from --pull-never localhost/first)
root=$(buildah mount "$container")
grep -q 'CN=ISRG Root X1' "$root/etc/ssl/certs/ca-certificates.crt"
[[ $(find "$root" -type f | wc -l) == 4 ]] || fail "there is more in it than the program, the certificates and the licences"
[[ $(stat --format %u "$root/home/tempnumber") == 65532 ]] || fail "the home belongs to somebody else"

# As an engine would start it: in its own root, as its own user, with its own environment.
inside=(env -i HOME=/home/tempnumber "$(command -v chroot)" --userspec=65532:65532 "$root")
mapfile -t entrypoint <program
"${inside[@]}" "${entrypoint[@]}" >url 2>log &
box=$!
trap 'kill "$box" 2>/dev/null || true; wait; buildah umount --all >/dev/null' EXIT
mapfile -t health < <(python3 -c 'import json; print("\n".join(json.load(open("health.json"))))')
healthy=
for _ in {1..50}; do
	if "${inside[@]}" "${health[@]}" 2>/dev/null; then
		healthy=yes
		break
	fi
	sleep 0.1
done
[[ -n $healthy ]] || fail "it does not become healthy: $(<log)"
status() { curl --silent --output /dev/null --write-out '%{http_code}' "$@"; }
[[ $(status http://192.0.2.1:8025/control) == 200 ]] || fail "it is not reached from outside"
for name in tempnumber mock sms localhost; do
	[[ $(status --header "Host: $name:8025" http://192.0.2.1:8025/control) == 200 ]] || fail "it does not answer to $name"
done
[[ $(status --header 'Host: elsewhere.example' http://192.0.2.1:8025/control) == 403 ]] || fail "any web page reaches it"

# The tool in it, at the box in it, writes its orders down in its home.
ordered=$(env -i HOME=/home/tempnumber TEMPNUMBER_BASE_URL=http://127.0.0.1:8025 TEMPNUMBER_API_KEY=offline-key \
	"$(command -v chroot)" --userspec=65532:65532 "$root" /tempnumber order facebook us)
[[ $ordered =~ ^[0-9]+\ \+1[0-9]{10}$ ]] || fail "no number: $ordered"
[[ -n $(find "$root/home/tempnumber" -name 'orders-*') ]] || fail "the order was not written down"

kill -TERM "$box"
wait "$box" || fail "it ended with $?"
if "${inside[@]}" "${health[@]}" 2>/dev/null; then fail "it is healthy without running"; fi
echo "image: $(python3 -c 'import json; print(json.load(open("first.json"))["Docker"]["rootfs"]["diff_ids"][-1])'), $(stat --format %s "$root/tempnumber") bytes of program"
