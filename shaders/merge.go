package shaders

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Merged is the name of the file of merged kernels.
const Merged = "merged"

// Role is a kernel that becomes a part of another one.
type Role struct {
	Text       string // that Specialise made
	Entry      string
	Workgroups [3]int
	Memory     map[string]int // of each binding that the entry point uses; equal memory has equal numbers
}

// Merge returns the text of a kernel that does the work of several roles, which must not depend on
// one another. The roles' entry points become functions. A workgroup calls one of them, by its own
// number group.y * groups.x + group.x: the first workgroups have the first role, in the order x, y,
// z, then come those of the second. Merge also returns the names that the bindings of each role
// have in the text.
//
// Bindings of the same memory, type and access become one. So do workgroup arrays of the same name
// and element. The longest stays, because a workgroup has one role. A name that two roles declare
// gets a number in the second. The roles must have the same workgroup size.
func Merge(entry string, roles ...Role) (text string, names []map[string]string, err error) {
	m := merger{words: map[string]bool{}, taken: map[string]bool{}, bindings: map[string]string{}}
	for _, name := range []string{entry, "group", "groups", "lane", "number", "role"} { // of the new entry point
		m.taken[name] = true
	}
	for _, role := range roles {
		for _, word := range wordPattern.FindAllString(role.Text, -1) {
			m.words[word] = true
		}
	}
	for i, role := range roles {
		bound, err := m.add(i+1, role)
		if err != nil {
			return "", nil, fmt.Errorf("shaders: merge: %s: %w", role.Entry, err)
		}
		names = append(names, bound)
	}
	return m.text(entry), names, nil
}

var (
	wordPattern      = regexp.MustCompile(`(?:[.@]\s*)?\b[A-Za-z_]\w*`) // a member has its dot, an attribute its @
	declaredPattern  = regexp.MustCompile(`^(?:@.*?[\s)])?(?:(?:const|alias|struct|fn)\s|var\s*(?:<[^>]*>)?)\s*(\w+)`)
	storagePattern   = regexp.MustCompile(`var<storage, ?(read|read_write)> ?\w+ ?: ?(.+)$`)
	entryHead        = regexp.MustCompile(`^@compute @workgroup_size\(([^)]*)\) fn (\w+) ?\((.*)\)$`)
	parameterPattern = regexp.MustCompile(`^@builtin\((\w+)\) (\w+) ?: ?(.+)$`)
)

// merger collects the parts of a merged kernel.
type merger struct {
	words      map[string]bool   // of all roles
	taken      map[string]bool   // names that the text declares
	bindings   map[string]string // names, by memory, access and type
	arrays     []sharedArray
	head, body strings.Builder // the bindings; what else the roles declare
	calls      strings.Builder // in the entry point
	workgroups int
	size       string // of a workgroup
}

// sharedArray is an array in a workgroup's memory.
type sharedArray struct {
	roles, name string // its name in the roles, and in the text
	element     string
	length      int
}

// add adds a role, counted from 1, and returns the names of its bindings.
func (m *merger) add(number int, role Role) (bound map[string]string, err error) {
	all := declarations(role.Text)
	own := map[string]string{} // what the role declares, and its names in the text
	for _, d := range all {
		match := declaredPattern.FindStringSubmatch(d.head)
		if match == nil {
			return nil, fmt.Errorf("%.60q: want a declaration", d.head)
		}
		own[match[1]] = ""
	}
	bound = map[string]string{}
	constants := constantsOf(all)
	var rest []declaration
	for _, d := range all {
		name := declaredPattern.FindStringSubmatch(d.head)[1]
		if storage := storagePattern.FindStringSubmatch(d.head); storage != nil {
			if mentions(storage[2], own) {
				return nil, fmt.Errorf("binding %s: a role's binding has no type of the role's own", name)
			}
			memory := "none of role " + strconv.Itoa(number) // of a binding that only other entry points use
			if n, ok := role.Memory[name]; ok {
				memory = strconv.Itoa(n)
			}
			own[name] = m.binding(number, name, memory, storage[1], storage[2])
			bound[name] = own[name]
		} else if a, ok := sharedArrayOf(d.head, constants); ok && !mentions(a.element, own) {
			own[name] = m.array(number, a)
		} else {
			own[name] = m.fresh(number, name)
			rest = append(rest, d)
		}
	}
	entries := 0
	for _, d := range rest {
		if e := entryHead.FindStringSubmatch(d.head); e != nil && e[2] == role.Entry {
			entries++
			if d.head, err = m.call(e, own[role.Entry], role.Workgroups); err != nil {
				return nil, err
			}
		}
		m.body.WriteString(d.renamed(own))
	}
	if entries != 1 {
		return nil, fmt.Errorf("%d entry points of that name: want 1", entries)
	}
	return bound, nil
}

// fresh returns a name for what a role declares: its own, or one with the role's number.
func (m *merger) fresh(number int, name string) string {
	fresh := name
	if m.taken[name] {
		fresh = fmt.Sprintf("%s_%d", name, number)
		for m.taken[fresh] || m.words[fresh] {
			fresh += "_"
		}
	}
	m.taken[fresh] = true
	return fresh
}

// binding returns the name of a role's binding. It declares the binding unless another role has.
func (m *merger) binding(number int, name, memory, access, kind string) string {
	key := memory + " " + access + " " + strings.ReplaceAll(kind, " ", "")
	if _, ok := m.bindings[key]; !ok {
		m.bindings[key] = m.fresh(number, name)
		fmt.Fprintf(&m.head, "@group(0) @binding(%d) var<storage, %s> %s: %s;\n", len(m.bindings)-1, access, m.bindings[key], kind)
	}
	return m.bindings[key]
}

// sharedArrayOf returns the workgroup array that a head declares, with numbers in place of constants.
func sharedArrayOf(head string, constants map[string]int) (sharedArray, bool) {
	match := sharedPattern.FindStringSubmatch(head)
	if match == nil {
		return sharedArray{}, false
	}
	inner, ok := strings.CutPrefix(strings.Join(strings.Fields(match[2]), ""), "array<")
	parts := listed(strings.TrimSuffix(inner, ">"))
	if !ok || len(parts) != 2 {
		return sharedArray{}, false
	}
	element := wordPattern.ReplaceAllStringFunc(parts[0], func(word string) string {
		if v, ok := constants[word]; ok {
			return strconv.Itoa(v) + "u"
		}
		return word
	})
	length, ok := evaluate(parts[1], constants)
	return sharedArray{roles: match[1], element: element, length: length}, ok
}

// array returns the name of a role's workgroup array. The array is as long as the longest of those
// that share it.
func (m *merger) array(number int, a sharedArray) string {
	for i, shared := range m.arrays {
		if shared.roles == a.roles && shared.element == a.element {
			m.arrays[i].length = max(shared.length, a.length)
			return shared.name
		}
	}
	a.name = m.fresh(number, a.roles)
	m.arrays = append(m.arrays, a)
	return a.name
}

// call writes the call of a role's entry point, and returns the head of the function that the
// entry point becomes.
func (m *merger) call(e []string, name string, workgroups [3]int) (head string, err error) {
	if m.size != "" && m.size != e[1] {
		return "", fmt.Errorf("a workgroup of %s invocations: want %s, as the others", e[1], m.size)
	}
	m.size = e[1]
	x, y, z := workgroups[0], workgroups[1], workgroups[2]
	values := map[string]string{
		"workgroup_id":           fmt.Sprintf("vec3<u32>(role %% %du, role / %du %% %du, role / %du)", x, x, y, x*y),
		"num_workgroups":         fmt.Sprintf("vec3<u32>(%du, %du, %du)", x, y, z),
		"local_invocation_index": "lane",
	}
	var parameters, arguments []string
	for _, parameter := range listed(e[3]) {
		if parameter == "" { // an empty list
			continue
		}
		p := parameterPattern.FindStringSubmatch(parameter)
		if p == nil || values[p[1]] == "" {
			return "", fmt.Errorf("parameter %.60q: want workgroup_id, num_workgroups or local_invocation_index", parameter)
		}
		parameters = append(parameters, p[2]+": "+p[3])
		arguments = append(arguments, values[p[1]])
	}
	first := m.workgroups
	m.workgroups += x * y * z
	fmt.Fprintf(&m.calls, "  if number < %du {\n    let role = number - %du;\n    %s(%s);\n    return;\n  }\n", m.workgroups, first, name, strings.Join(arguments, ", "))
	return "fn " + e[2] + "(" + strings.Join(parameters, ", ") + ")", nil
}

// text returns the merged kernel.
func (m *merger) text(entry string) string {
	var b strings.Builder
	b.WriteString(m.head.String())
	for _, a := range m.arrays {
		fmt.Fprintf(&b, "var<workgroup> %s: array<%s, %d>;\n", a.name, a.element, a.length)
	}
	b.WriteString(m.body.String())
	fmt.Fprintf(&b, "@compute @workgroup_size(%s)\nfn %s(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {\n", m.size, entry)
	fmt.Fprintf(&b, "  let number = group.y * groups.x + group.x;\n%s}\n", m.calls.String())
	return b.String()
}

// renamed returns the declaration as text, with other names.
func (d declaration) renamed(names map[string]string) string {
	head := renamed(d.head, names, false)
	switch {
	case strings.HasPrefix(d.head, "struct "):
		return head + " {" + renamed(d.body, names, true) + "}\n"
	case strings.HasPrefix(d.head, "fn "):
		return head + " {" + renamed(d.body, names, false) + "}\n"
	}
	return head + ";\n"
}

// renamed returns a text with other names. The members of a struct keep theirs.
func renamed(text string, names map[string]string, members bool) string {
	var b strings.Builder
	end := 0
	for _, place := range wordPattern.FindAllStringIndex(text, -1) {
		word := text[place[0]:place[1]]
		b.WriteString(text[end:place[0]])
		end = place[1]
		if name, ok := names[word]; ok && !(members && strings.HasPrefix(strings.TrimSpace(text[end:]), ":")) {
			word = name
		}
		b.WriteString(word)
	}
	return b.String() + text[end:]
}

// mentions tells whether a type has one of these names in it.
func mentions(kind string, names map[string]string) bool {
	return slices.ContainsFunc(wordPattern.FindAllString(kind, -1), func(word string) bool {
		_, ok := names[word]
		return ok
	})
}
