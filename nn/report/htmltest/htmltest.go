// Package htmltest checks pages: they are one file that fetches nothing, and well-formed.
package htmltest

import (
	"regexp"
	"strings"
	"testing"
)

// SelfContained fails the test if the page refers to anything outside itself.
func SelfContained(t testing.TB, page string) {
	t.Helper()
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("the template refused a value")
	}
	for _, address := range regexp.MustCompile(`(?i)(?:\bsrc|\bhref|\bposter|\baction)\s*=\s*"([^"]*)"|url\(([^)]*)|@import|<link|<iframe|<base`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(address[1], "data:image/png;base64,") && !strings.HasPrefix(address[1], "#") {
			t.Errorf("the page fetches %q", address[0])
		}
	}
	if i := strings.Index(strings.ReplaceAll(page, `"http://www.w3.org/2000/svg"`, ""), "://"); i >= 0 {
		t.Errorf("the page contains an address: %q", page[max(i-20, 0):min(i+40, len(page))])
	}
}

// WellFormed fails the test unless every opened element is closed, in order, ids are unique, every
// reference to an id finds it, every picture has a text, and every table a caption and headings
// with a scope.
func WellFormed(t testing.TB, page string) {
	t.Helper()
	var open []string
	ids := map[string]bool{}
	body := regexp.MustCompile(`(?s)(<(?:script|style)[^>]*>).*?(</(?:script|style)>)`).ReplaceAllString(page, "$1$2")
	for _, tag := range regexp.MustCompile(`<(/?)([a-zA-Z0-9]+)((?:\s+[-a-zA-Z0-9]+(?:="[^"<>]*")?)*)\s*(/?)>|<`).FindAllStringSubmatch(body, -1) {
		end, element, attributes, void := tag[1] != "", tag[2], tag[3], tag[4] != ""
		switch {
		case element == "":
			continue // the doctype, or a stray < that is counted below
		case element == "meta" || element == "input" || element == "img" || void:
		case end && (len(open) == 0 || open[len(open)-1] != element):
			t.Fatalf("</%s> within %v", element, open)
		case end:
			open = open[:len(open)-1]
		default:
			open = append(open, element)
		}
		if !end && (element == "img" && !strings.Contains(attributes, ` alt="`) || element == "svg" && !regexp.MustCompile(`aria-(label|hidden)="`).MatchString(attributes)) {
			t.Errorf("no text for %.80s", tag[0])
		}
		if id := regexp.MustCompile(` id="([^"]*)"`).FindStringSubmatch(attributes); id != nil {
			if ids[id[1]] {
				t.Errorf("id %s twice", id[1])
			}
			ids[id[1]] = true
		}
	}
	if len(open) > 0 {
		t.Errorf("not closed: %v", open)
	}
	if strings.Count(body, "<!") != 1 || strings.Count(body, "<") != len(regexp.MustCompile(`</?[a-zA-Z]|<!DOCTYPE html>`).FindAllString(body, -1)) {
		t.Error("a < that opens no element")
	}
	for _, ref := range regexp.MustCompile(` (?:href="#|for=")([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if !ids[ref[1]] {
			t.Errorf("no element has the id %s", ref[1])
		}
	}
	for _, table := range strings.Split(body, "<table")[1:] {
		if !strings.Contains(table, "<caption>") || strings.Contains(strings.ReplaceAll(table, "<thead", ""), "<th>") {
			t.Error("a table without caption, or a heading without scope")
		}
	}
}
