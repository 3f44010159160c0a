package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"wgpucnn/nn/report"
)

// say prints a text whose lines are broken where a terminal is narrower, in signs that the
// terminal shows.
func say(out io.Writer, format string, args ...any) {
	fmt.Fprint(out, legible(out, fold(fmt.Sprintf(format, args...), width(out))))
}

// named finds the beginning of a line up to what is said of a name: "data     ".
var named = regexp.MustCompile(`^ *\S+(?: \S+)? {2,}`)

// fold breaks the lines of a text that have more columns, or none for 0. What is broken off
// stands below what it belongs to.
func fold(text string, columns int) string {
	if columns <= 0 {
		return text
	}
	var folded strings.Builder
	for line := range strings.Lines(text) {
		begin := line[:len(line)-len(strings.TrimLeft(line, " "))]
		if name := named.FindString(line); name != "" && report.Width(name) <= 3*columns/5 {
			begin = name
		}
		begin = report.Fit(begin, 3*columns/5)
		for report.Width(strings.TrimRight(line, "\n")) > columns {
			at := cut(line, len(begin), columns)
			if at < 0 {
				break
			}
			folded.WriteString(strings.TrimRight(line[:at], " ") + "\n")
			begin = strings.Repeat(" ", report.Width(begin))
			line = begin + strings.TrimLeft(line[at:], " ")
		}
		folded.WriteString(line)
	}
	return folded.String()
}

// cut returns where to break a line that is too long, behind its first hang bytes: at the last
// gap of several blanks that leaves so many columns at most, else at the last blank, else behind
// the first word that is too long. It returns -1 if there is no blank.
func cut(line string, hang, columns int) int {
	fits := max(len(report.Fit(line, columns)), hang)
	if at := strings.LastIndex(line[hang:fits], "  "); at > 0 {
		return hang + at
	}
	if at := strings.LastIndex(line[hang:min(fits+1, len(line))], " "); at > 0 {
		return hang + at
	}
	if at := strings.Index(line[fits:], " "); at >= 0 {
		return fits + at
	}
	return -1
}

// reflow breaks the paragraphs of a text anew for so many columns, up to as many as are
// read with ease, and folds the lines that are indented, as examples are.
func reflow(text string, columns int) string {
	if columns <= 0 {
		return text
	}
	const most = 88
	var flowed strings.Builder
	paragraph := ""
	end := func() {
		if paragraph != "" {
			flowed.WriteString(fold(paragraph+"\n", min(columns, most)))
		}
		paragraph = ""
	}
	for line := range strings.Lines(text) {
		if line == "\n" || line[0] == ' ' {
			end()
			flowed.WriteString(fold(line, columns))
			continue
		}
		if paragraph != "" {
			paragraph += " "
		}
		paragraph += strings.TrimRight(line, "\n")
	}
	end()
	return flowed.String()
}
