// Package page makes the page of a run, or of several runs side by side: one HTML file
// that needs nothing beside it, neither a network nor, for reading, JavaScript.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"

	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
)

// Run is a run of training.
type Run struct {
	Name       string   // that tells it from the other runs of the page
	Command    []string // that repeats it, a word each
	DataSHA256 string   // of the data: runs of the same have the same test rows
	Summary    report.Summary
	Variants   []Variant // those of the summary, in its order
}

// Variant is what the page shows of a network beyond the summary.
type Variant struct {
	Epochs     []stats.Epoch    // of epochs 1, 2, ...
	Model      *modelfile.Model // nil where its weights are no finite numbers
	Evaluation *Evaluation      // nil where there is none
}

//go:embed page.html variant.html page.css page.js
var files embed.FS

var pages = template.Must(template.ParseFS(files, "page.html", "variant.html"))

// Render returns the page of some runs. An evaluation whose parts do not fit together
// gives an error.
func Render(runs []Run) ([]byte, error) {
	v, err := newView(runs)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	var html bytes.Buffer
	if err := pages.ExecuteTemplate(&html, "page.html", v); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	return html.Bytes(), nil
}

// asset returns the text of an embedded file, which is there.
func asset(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}
