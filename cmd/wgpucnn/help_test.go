package main

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTopics(t *testing.T) {
	var names []string
	_, overview, _ := call("help")
	for _, topic := range topics() {
		names = append(names, topic.name)
		status, out, err := call("help", topic.name)
		if status != 0 || err != "" || !strings.HasPrefix(out, topic.name+": "+topic.brief+"\n\n") || !strings.HasSuffix(out, "\n") {
			t.Errorf("%s: status %d, %q, %q", topic.name, status, out, err)
		}
		if !strings.Contains(out, "\n  wgpucnn ") {
			t.Errorf("%s has no example", topic.name)
		}
		if !strings.Contains(overview, "  "+topic.name+" ") {
			t.Errorf("%s is not among the topics in\n%s", topic.name, overview)
		}
		if _, err := find(topic.name); err == nil {
			t.Errorf("%s is a command too", topic.name)
		}
	}
	if want := []string{"adapters", "datasets", "files", "reproducibility"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

// Every example of every help is a command line that there is.
func TestExamples(t *testing.T) {
	texts := map[string]string{}
	for _, c := range commands() {
		texts[c.name] = c.help()
	}
	for _, topic := range topics() {
		texts[topic.name] = topic.text
	}
	example := regexp.MustCompile(`(?m)^  wgpucnn (\S+)(.*?)(?:   .*)?$`)
	for name, text := range texts {
		for _, found := range example.FindAllStringSubmatch(text, -1) {
			c, err := find(found[1])
			if err != nil {
				t.Errorf("%s: %s: %v", name, found[0], err)
				continue
			}
			flags := c.flags()
			if strings.HasPrefix(found[2], " compare ") {
				flags = compareFlags(&compareSettings{})
			}
			if _, err := parseFiles(flags, strings.Fields(found[2])); err != nil {
				t.Errorf("%s: %s: %v", name, found[0], err)
			}
		}
	}
}

// On a terminal the lines fit its width, and say what they say elsewhere. A word may be
// wider.
func TestHelpWidth(t *testing.T) {
	for _, c := range commands() {
		for _, columns := range []int{100, 80, 60} {
			text := c.text(columns)
			if !slices.Equal(strings.Fields(c.help()), strings.Fields(text)) {
				t.Errorf("%s: other words in\n%s", c.name, text)
			}
			for line := range strings.Lines(text) {
				if len(line)-1 > columns && len(strings.Fields(line)) > 1 {
					t.Errorf("%s: %d columns, want %d: %s", c.name, len(line)-1, columns, line)
				}
			}
		}
	}
}

func TestManPage(t *testing.T) {
	status, page, err := call("help", "--man")
	if status != 0 || err != "" {
		t.Fatalf("status %d, %q", status, err)
	}
	for _, want := range []string{".TH WGPUCNN 1 ", ".SS train\n", ".SS datasets: which pictures", `\-\-epochs int`, "the lab\\(aqs networks"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	groff, lookErr := exec.LookPath("groff")
	if lookErr != nil {
		t.Skip("no groff here to read the page")
	}
	check := exec.Command(groff, "-man", "-ww", "-z", "-Tutf8")
	check.Stdin = strings.NewReader(page)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("groff: %v: %s", err, out)
	}
}

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		"a -b": `a \-b`, ".x\n'y": "\\&.x\n\\(aqy", `\n`: `\en`, "`q`": `\(gaq\(ga`,
	} {
		if got := roff(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
