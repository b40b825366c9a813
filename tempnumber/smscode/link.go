package smscode

import "strings"

// linkIn returns where the address begins and ends that is in a run of visible ASCII
// characters: one of the web or of mail, or the hash by which Android knows the app that
// a message is for, which can only stand last. Both are 0 where there is none.
//
// A host alone, without "www." or a path, is no address: "Code 1234.Please enter it" is
// written like one.
func linkIn(run string, last bool) (start, end int) {
	const shortest = len("a@b.c")
	if len(run) < shortest {
		return 0, 0
	}
	if last && isAppHash(run) {
		return 0, len(run)
	}
	lower := strings.ToLower(run)
	for _, begin := range []string{"http://", "https://", "www."} {
		if i := strings.Index(lower, begin); i >= 0 {
			return i, len(run)
		}
	}
	if at := strings.IndexByte(lower, '@'); at > 0 {
		name := len(strings.TrimRight(lower[:at], nameBytes))
		host := at + 1 + prefixLen(lower[at+1:], hostBytes)
		if name < at && strings.Contains(strings.Trim(lower[at+1:host], "."), ".") {
			return name, host
		}
	}
	if slash := strings.IndexByte(lower, '/'); slash > 0 {
		host := len(strings.TrimRight(lower[:slash], hostBytes))
		if point := strings.LastIndexByte(lower[:slash], '.'); point > host && slash-point > 2 && isLetters(lower[point+1:slash]) {
			return host, len(run)
		}
	}
	return 0, 0
}

const (
	hostBytes = "abcdefghijklmnopqrstuvwxyz0123456789.-"
	nameBytes = hostBytes + "_+"
)

func prefixLen(s, bytes string) int { return len(s) - len(strings.TrimLeft(s, bytes)) }

// isAppHash reports whether a run is eleven characters of base64. Digits alone or
// letters alone are none.
func isAppHash(run string) bool {
	const length = 11
	return len(run) == length && strings.ContainsAny(run, "0123456789+/") && !isDigits(run) &&
		strings.Trim(strings.ToLower(run), hostBytes[:36]+"+/") == ""
}

func isVisibleASCII(r rune) bool { return r > ' ' && r <= '~' }
