package shaders

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	importPattern = regexp.MustCompile(`^(@if\(!?\w+\) )?#import (\w+)(?: as ([a-z]\w*))?$`)
	prefixPattern = regexp.MustCompile(`\$\w+`)
)

// linker puts the text of a source together: the parts that a file imports, then the file.
type linker struct {
	from       fs.FS // holds the folder parts
	text       strings.Builder
	files      []file            // in the order of the text
	parts      []string          // in the order of the text
	under      map[string]string // the conditions of what is there: of "shut", of "stage as first"
	open       []string          // parts whose imports are being written
	conditions string            // the attributes @if of these imports
}

// file is a file that a text is made of.
type file struct {
	name  string // "parts/shut.wgsl"
	lines int
}

// add writes what a file imports, and then the file without its imports and comments. The conditions
// of the file's import stand before each of its declarations.
func (l *linker) add(name, text string) error {
	lines := strings.Split(strings.TrimSuffix(uncommented(text), "\n"), "\n")
	code := false
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if !strings.Contains(line, "#") {
			code = code || line != ""
			continue
		}
		m := importPattern.FindStringSubmatch(line)
		var err error
		switch {
		case m == nil:
			err = fmt.Errorf(`%q: want "#import NAME" or "#import NAME as PREFIX" on a line of its own, perhaps behind an @if`, line)
		case code:
			err = fmt.Errorf("%q: imports come before the code", line)
		default:
			err = l.include(m[2], m[3], l.conditions+m[1])
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		lines[i] = ""
	}
	l.text.WriteString(conditional(strings.Join(lines, "\n"), l.conditions) + "\n")
	l.files = append(l.files, file{name, len(lines)})
	return nil
}

// conditional returns a text with the conditions before each of its declarations.
func conditional(text, conditions string) string {
	if conditions == "" {
		return text
	}
	var b strings.Builder
	for {
		code := strings.TrimLeft(text, " \n")
		b.WriteString(text[:len(text)-len(code)])
		end, ok := itemEnd(code)
		if !ok {
			return b.String() + code
		}
		b.WriteString(conditions + code[:end])
		text = code[end:]
	}
}

// include writes a part, unless it is there. A part that is imported under a name is there once for
// each name.
func (l *linker) include(part, prefix, conditions string) error {
	written := part
	if prefix != "" {
		written += " as " + prefix
	}
	if before, ok := l.under[written]; ok {
		if before != "" && before != conditions {
			return fmt.Errorf("part %s is imported twice, under other conditions", part)
		}
		return nil
	}
	if slices.Contains(l.open, part) {
		return fmt.Errorf("part %s imports itself: %s", part, strings.Join(append(l.open, part), " imports "))
	}
	name := "parts/" + part + ".wgsl"
	text, err := fs.ReadFile(l.from, name)
	if err != nil {
		return fmt.Errorf("no part %s: want one of %s", part, strings.Join(names(l.from, "parts"), ", "))
	}
	outer := l.conditions
	l.open, l.conditions = append(l.open, part), conditions
	if err := l.add(name, prefixed(string(text), prefix)); err != nil {
		return err
	}
	l.open, l.conditions = l.open[:len(l.open)-1], outer
	if l.under == nil {
		l.under = map[string]string{}
	}
	l.under[written] = conditions
	if !slices.Contains(l.parts, part) {
		l.parts = append(l.parts, part)
	}
	return nil
}

// prefixed returns a text with a prefix in place of each $: $load becomes first_load, $KERNEL
// FIRST_KERNEL. Without a prefix a $ stays, and no compiler takes it.
func prefixed(text, prefix string) string {
	if prefix == "" {
		return text
	}
	return prefixPattern.ReplaceAllStringFunc(text, func(match string) string {
		name := match[1:]
		if name == strings.ToUpper(name) {
			return strings.ToUpper(prefix) + "_" + name
		}
		return prefix + "_" + name
	})
}

// names returns the names of the files in a folder, sorted, without ".wgsl".
func names(from fs.FS, folder string) []string {
	paths, err := fs.Glob(from, path.Join(folder, "*.wgsl"))
	if err != nil {
		panic(err) // the pattern is constant
	}
	for i, p := range paths {
		paths[i] = strings.TrimSuffix(path.Base(p), ".wgsl")
	}
	slices.Sort(paths)
	return paths
}

// place returns "conv2d.wgsl:12" for a line of the text, counted from 0.
func (s Source) place(line int) string {
	for _, f := range s.files {
		if line < f.lines {
			return fmt.Sprintf("%s:%d", f.name, line+1)
		}
		line -= f.lines
	}
	return s.Name + ".wgsl"
}
