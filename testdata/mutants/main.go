// Command mutants plants defects into the WGSL, one at a time, and shows that the
// suite of package nn/verify notices each.
//
//	go run ./testdata/mutants [WORD | FROM-TO]
//
// runs the mutants whose text contains the word, or those with these numbers, from the
// repository's root, on the adapter that the environment selects. It changes no file of the repository: each mutant is built
// with an overlay. The table goes to standard output. The exit status is 1 if a mutant
// survives that mutants.txt does not call equivalent, or if one is killed that it does.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wgpucnn/shaders"
)

const (
	list     = "testdata/mutants/mutants.txt"
	suite    = "./nn/verify"
	patience = 5 * time.Minute // for a run; a mutant may loop for ever
)

// mutant is a defect: in a function, or else in the file, the first text old becomes new.
type mutant struct {
	defect     string
	file       string // "conv2d" for conv2d.wgsl, "parts/shut" for a part
	place      string // "fn forward(", or "" for the whole file
	old, new   string
	equivalent string // why no test can notice it, "" if a test must
}

func main() {
	word := strings.Join(os.Args[1:], " ")
	if err := check(word); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func check(word string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	mutants, err := parse(string(text))
	if err != nil {
		return err
	}
	var chosen []int // the numbers, from 0
	var files []string
	for i, m := range mutants { // before the first hour is lost
		if _, _, err := m.apply(); err != nil {
			return fmt.Errorf("%s: %s: %w", m.file, m.defect, err)
		}
		if m.chosen(i+1, word) {
			chosen = append(chosen, i)
			files = append(files, m.file)
		}
	}
	if chosen == nil {
		return fmt.Errorf("no mutant has %q in its text or as its number", word)
	}
	folder, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if verdict, err := try(folder, files, "{}"); err != nil || verdict != "" {
		return fmt.Errorf("the suite fails without a mutant, so that no verdict would mean anything: %s %v", verdict, err)
	}
	var done, killed, equivalent, wrong int
	fmt.Println("| | file | defect | verdict |\n|---|---|---|---|")
	for _, i := range chosen {
		m := mutants[i]
		start := time.Now()
		verdict, err := m.plant(folder)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", m.file, m.defect, err)
		}
		switch {
		case verdict != "" && m.equivalent == "":
			killed++
			verdict = "killed: " + verdict
		case verdict == "" && m.equivalent != "":
			equivalent++
			verdict = "equivalent: " + m.equivalent
		case verdict == "":
			wrong++
			verdict = "SURVIVED"
		default:
			wrong++
			verdict = "CALLED EQUIVALENT, but killed: " + verdict
		}
		done++
		fmt.Fprintf(os.Stderr, "%d of %d, %.0f s: %s: %s: %s\n", done, len(chosen), time.Since(start).Seconds(), m.file, m.defect, verdict)
		fmt.Printf("| %d | %s | %s | %s |\n", i+1, m.file, m.defect, strings.ReplaceAll(verdict, "|", "\\|"))
	}
	fmt.Printf("\n%d killed, %d equivalent, %d wrong\n", killed, equivalent, wrong)
	if wrong > 0 {
		return fmt.Errorf("%d of the verdicts are wrong", wrong)
	}
	return nil
}

// parse reads mutants.txt, whose first lines explain it.
func parse(text string) ([]mutant, error) {
	var mutants []mutant
	for i, line := range strings.Split(text, "\n") {
		kind, rest, _ := strings.Cut(line, " ")
		if kind == "#" {
			file, defect, ok := strings.Cut(rest, ": ")
			file, place, _ := strings.Cut(file, " ")
			if !ok {
				return nil, fmt.Errorf("%s:%d: want # FILE [FUNCTION]: DEFECT", list, i+1)
			}
			if place != "" {
				defect, place = place+": "+defect, "fn "+place+"("
			}
			mutants = append(mutants, mutant{defect: defect, file: file, place: place})
			continue
		}
		if len(mutants) == 0 || kind == "" {
			continue
		}
		m := &mutants[len(mutants)-1]
		switch kind {
		case "-":
			m.old = lines(m.old, rest)
		case "+":
			m.new = lines(m.new, rest)
		case "=":
			m.equivalent = rest
		default:
			return nil, fmt.Errorf("%s:%d: %q: want a line with #, -, + or =", list, i+1, line)
		}
	}
	return mutants, nil
}

// lines appends a line to a text that may be empty yet.
func lines(text, line string) string {
	if text == "" {
		return line
	}
	return text + "\n" + line
}

// chosen tells whether the mutant's text contains a word, or whether the word is a range of numbers with its
// own in it. Numbers begin at 1.
func (m mutant) chosen(number int, word string) bool {
	if from, to, ok := strings.Cut(word, "-"); ok {
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 == nil && err2 == nil {
			return first <= number && number <= last
		}
	}
	return strings.Contains(m.file+" "+m.defect+" "+m.place+" "+m.old+" "+m.new, word)
}

// apply returns the path of the mutant's file, and its text with the defect.
func (m mutant) apply() (path, text string, err error) {
	path, err = filepath.Abs("shaders/" + m.file + ".wgsl")
	if err != nil {
		return "", "", err
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return "", "", err
	}
	head, tail, found := strings.Cut(string(source), m.place)
	if !found {
		return "", "", fmt.Errorf("does not apply: there is no %q", m.place)
	}
	function, rest := tail, ""
	if end := strings.Index(tail, "\n}\n"); m.place != "" && end >= 0 {
		function, rest = tail[:end], tail[end:]
	}
	before, after, found := strings.Cut(function, m.old)
	if !found || m.old == "" || m.old == m.new {
		return "", "", fmt.Errorf("does not apply: there is no %q behind %q", m.old, m.place)
	}
	return path, head + m.place + before + m.new + after + rest, nil
}

// plant builds the mutant and tries the suite on it. The verdict says what noticed it.
func (m mutant) plant(folder string) (verdict string, err error) {
	path, text, err := m.apply()
	if err != nil {
		return "", err
	}
	mutated := filepath.Join(folder, "mutant.wgsl")
	if err := os.WriteFile(mutated, []byte(text), 0o644); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: mutated}})
	if err != nil {
		return "", err
	}
	return try(folder, []string{m.file}, string(overlay))
}

// try builds the suite with an overlay. It runs the cases of the operations that contain one of
// the files, then those of relu, networks and training. The verdict is empty if all pass.
func try(folder string, files []string, overlay string) (verdict string, err error) {
	overlayFile, binary := filepath.Join(folder, "overlay.json"), filepath.Join(folder, "suite.test")
	if err := os.WriteFile(overlayFile, []byte(overlay), 0o644); err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "test", "-c", "-overlay", overlayFile, "-o", binary, suite).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	var all []string
	for _, file := range files {
		operations, err := operations(file)
		if err != nil {
			return "", err
		}
		all = append(all, operations)
	}
	for _, pattern := range []string{"TestOperations/^(" + strings.Join(all, "|") + ")$", "TestOperations/^relu$|TestNetworks|TestTraining"} {
		verdict, err := run(binary, pattern)
		if verdict != "" || err != nil {
			return verdict, err
		}
	}
	return "", nil
}

// operations returns a pattern of the case tables that run a file: those of the operation, or of all
// that import the part.
func operations(file string) (string, error) {
	part, ok := strings.CutPrefix(file, "parts/")
	if !ok {
		return tables(file), nil
	}
	var importing []string
	for _, name := range shaders.Names() {
		source, err := shaders.Load(name)
		if err != nil {
			return "", err
		}
		if slices.Contains(source.Parts, part) {
			importing = append(importing, tables(name))
		}
	}
	return strings.Join(importing, "|"), nil
}

// tables returns a pattern of the case tables that run a file: its own, and the one that all files of
// the operation have together. The name of that one is the first word of theirs.
func tables(file string) string {
	operation, _, _ := strings.Cut(file, "_")
	return file + "|" + operation
}

var (
	message = regexp.MustCompile(`^ +\w+\.go:\d+: (.*)`)
	failure = regexp.MustCompile(`^\x16 *--- FAIL: Test[^/]+/(.*) \(\S+\)$`)
)

// run runs tests until the first fails, and returns that case and what it says, or ""
// where all pass. It asks for the output that test2json reads: only there does a subtest
// say that it failed when it did, and not at the end of the whole test.
func run(binary, pattern string) (verdict string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, binary, "-test.v=test2json", "-test.run", pattern)
	command.Dir = suite
	command.Env = append(os.Environ(), "WGPUCNN_REQUIRE_GPU=1")
	out, err := command.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	said := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := message.FindStringSubmatch(lines.Text()); m != nil {
			said = m[1]
		}
		if m := failure.FindStringSubmatch(lines.Text()); m != nil {
			verdict = fmt.Sprintf("%s (%s)", strings.ReplaceAll(m[1], "_", " "), said)
			cancel()
			break
		}
	}
	err = command.Wait()
	switch {
	case strings.Contains(verdict, "does not compile"):
		return "", errors.New("the mutant is no WGSL: " + verdict)
	case verdict != "":
		return verdict, nil
	case ctx.Err() != nil:
		return fmt.Sprintf("time: not done after %v", patience), nil
	case err != nil:
		return "", fmt.Errorf("%s: %w", pattern, err)
	}
	return "", nil
}
