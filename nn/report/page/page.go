// Package page makes the page of one run, or of several runs side by side. The page is one HTML
// file. It needs no other file and no network, and it can be read without JavaScript.
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
	Name       string   // unique in the page
	Command    []string // the words of the command that repeats the run
	DataSHA256 string   // of the data: runs of equal data have the same test rows
	Summary    report.Summary
	Variants   []Variant // in the order of the summary
}

// Variant is what the page shows of a network beyond the summary.
type Variant struct {
	Epochs     []stats.Epoch    // of epochs 1, 2, ...
	Model      *modelfile.Model // nil if its weights are not finite
	Evaluation *Evaluation      // nil if the run has none
}

//go:embed page.html variant.html page.css page.js
var files embed.FS

var pages = template.Must(template.ParseFS(files, "page.html", "variant.html"))

// Render returns the page of the runs. It returns an error if the parts of an evaluation do not
// fit together.
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

// asset returns the text of an embedded file. The name must exist.
func asset(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}
