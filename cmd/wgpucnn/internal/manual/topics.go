package manual

import (
	"embed"
	"fmt"
	"strings"
)

// topicFiles are the texts of the topics. A file holds one line that says what the topic is about,
// an empty line, and the text.
//
//go:embed topics/*.txt
var topicFiles embed.FS

// Topic is something that help explains beside the commands.
type Topic struct{ Name, Brief, Text string }

// Help returns the topic as "wgpucnn help" shows it.
func (t Topic) Help() string { return fmt.Sprintf("%s: %s\n\n%s", t.Name, t.Brief, t.Text) }

// Topics returns all topics in the order of their names.
func Topics() []Topic {
	files, err := topicFiles.ReadDir("topics")
	if err != nil {
		panic(err)
	}
	var all []Topic
	for _, file := range files {
		text, err := topicFiles.ReadFile("topics/" + file.Name())
		if err != nil {
			panic(err)
		}
		brief, rest, _ := strings.Cut(string(text), "\n\n")
		all = append(all, Topic{strings.TrimSuffix(file.Name(), ".txt"), brief, rest})
	}
	return all
}
