package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn"
	"wgpucnn/nn/nets"
)

func TestTopics(t *testing.T) {
	var names []string
	_, overview, _ := call("help")
	for _, topic := range manual.Topics() {
		names = append(names, topic.Name)
		status, out, err := call("help", topic.Name)
		if status != 0 || err != "" || !strings.HasPrefix(out, topic.Name+": "+topic.Brief+"\n\n") || !strings.HasSuffix(out, "\n") {
			t.Errorf("%s: status %d, %q, %q", topic.Name, status, out, err)
		}
		if !strings.Contains(out, "\n  wgpucnn ") {
			t.Errorf("%s has no example", topic.Name)
		}
		if !strings.Contains(overview, "  "+topic.Name+" ") {
			t.Errorf("%s is not among the topics in\n%s", topic.Name, overview)
		}
		if _, err := find(topic.Name); err == nil {
			t.Errorf("%s is a command too", topic.Name)
		}
	}
	if want := []string{"adapters", "datasets", "files", "nets", "reproducibility"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

// The topic about networks has each word that a text may have, and each built-in network. Its texts are
// read.
func TestNetsTopic(t *testing.T) {
	i := slices.IndexFunc(manual.Topics(), func(topic manual.Topic) bool { return topic.Name == "nets" })
	text := manual.Topics()[i].Text
	for _, word := range nets.Words() {
		if !regexp.MustCompile(`(?m)^  (\w+ \| )*` + word + ` `).MatchString(text) {
			t.Errorf("it lacks %s", word)
		}
	}
	plain := strings.Join(strings.Fields(text), " ")
	for _, b := range nets.Builtins(nn.LabOptions{}) {
		if !strings.Contains(plain, b.Name+" "+b.Text) {
			t.Errorf("it lacks %s %s", b.Name, b.Text)
		}
	}
	for _, quoted := range regexp.MustCompile(`--net '(.*?)'`).FindAllStringSubmatch(text, -1) {
		_, _, err := nets.Named(quoted[1], nn.LabOptions{})
		if (err != nil) != strings.Contains(quoted[1], "rellu") {
			t.Errorf("%s: %v", quoted[1], err)
		}
		if err != nil && !strings.Contains(plain, fmt.Sprintf("wgpucnn: train: --net: %v", err)) {
			t.Errorf("it lacks the error %v", err)
		}
	}
}

// Every example in a help text is a command line that parses.
func TestExamples(t *testing.T) {
	texts := map[string]string{}
	for _, c := range commands() {
		texts[c.name] = c.help()
	}
	for _, topic := range manual.Topics() {
		texts[topic.Name] = topic.Text
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
			if _, err := cmdline.ParseFiles(flags, strings.Fields(found[2])); err != nil {
				t.Errorf("%s: %s: %v", name, found[0], err)
			}
		}
	}
}

// On a terminal the lines fit the width and have the same words as elsewhere. A single word may be
// wider.
func TestHelpWidth(t *testing.T) {
	for _, c := range commands() {
		for _, columns := range []int{100, 80, 60} {
			text := terminal.Reflow(c.help(), columns)
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
