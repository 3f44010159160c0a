package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// declared are the names that the project's Go code declares.
type declared struct {
	packages map[string]map[string]bool // the names at the top level of a package, by its name
	members  map[string]map[string]bool // the fields and methods of a type, by its name
	embedded map[string][]string        // the types that a type embeds, by its name
	comments map[string]string          // the comments of a file, by its path
}

// declarations reads every Go file of the project.
func declarations(t *testing.T, root string) declared {
	t.Helper()
	d := declared{map[string]map[string]bool{}, map[string]map[string]bool{}, map[string][]string{}, map[string]string{}}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git") {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err == nil {
			d.add(path, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// add takes note of a file.
func (d declared) add(path string, file *ast.File) {
	note := func(of map[string]map[string]bool, owner, name string) {
		if of[owner] == nil {
			of[owner] = map[string]bool{}
		}
		of[owner][name] = true
	}
	top := strings.TrimSuffix(file.Name.Name, "_test")
	for _, group := range file.Comments {
		d.comments[path] += group.Text() + "\n"
	}
	for _, declaration := range file.Decls {
		f, isFunc := declaration.(*ast.FuncDecl)
		switch {
		case isFunc && f.Recv != nil:
			note(d.members, typeName(f.Recv.List[0].Type), f.Name.Name)
		case isFunc:
			note(d.packages, top, f.Name.Name)
		default:
			for _, spec := range declaration.(*ast.GenDecl).Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						note(d.packages, top, name.Name)
					}
				case *ast.TypeSpec:
					note(d.packages, top, spec.Name.Name)
					note(d.members, spec.Name.Name, "")
					fields, embedded := fieldsOf(spec.Type)
					for _, field := range fields {
						note(d.members, spec.Name.Name, field)
					}
					d.embedded[spec.Name.Name] = append(d.embedded[spec.Name.Name], embedded...)
				}
			}
		}
	}
}

// fieldsOf returns the names of a struct's fields or an interface's methods, and of the types
// that it embeds.
func fieldsOf(of ast.Expr) (names, embedded []string) {
	var list *ast.FieldList
	switch of := of.(type) {
	case *ast.StructType:
		list = of.Fields
	case *ast.InterfaceType:
		list = of.Methods
	default:
		return nil, nil
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
		if len(field.Names) == 0 {
			embedded = append(embedded, typeName(field.Type))
		}
	}
	return append(names, embedded...), embedded
}

// typeName returns the name of a type without its package, or of what a pointer points to.
func typeName(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.Ident:
		return of.Name
	case *ast.StarExpr:
		return typeName(of.X)
	case *ast.SelectorExpr:
		return of.Sel.Name
	case *ast.IndexExpr:
		return typeName(of.X)
	}
	return ""
}

// has tells whether a type, or one that it embeds, has a member.
func (d declared) has(owner, member string) bool {
	return d.members[owner][member] || slices.ContainsFunc(d.embedded[owner], func(embedded string) bool {
		return embedded != owner && d.has(embedded, member)
	})
}

var (
	quotedName  = regexp.MustCompile("`([A-Za-z]\\w*)\\.([A-Za-z]\\w*)(?:\\.([A-Za-z]\\w*))?(?:\\(\\))?`")
	packageName = regexp.MustCompile(`(?:^|[^\w./])([a-z]\w*)\.([A-Z]\w*)`)
	goBlock     = regexp.MustCompile("(?s)```go\n(.*?)```")
)

// unknown returns the Go names that a page uses and the project does not declare. It looks at names
// of packages and types between backticks, and at names of packages in Go code.
func (d declared) unknown(page string) (names []string) {
	for _, m := range quotedName.FindAllStringSubmatch(page, -1) {
		isExported := m[2][0] >= 'A' && m[2][0] <= 'Z'
		switch top := d.packages[m[1]]; {
		case top != nil && isExported && (!top[m[2]] || m[3] != "" && !d.has(m[2], m[3])):
			names = append(names, strings.Trim(m[0], "`"))
		case top == nil && d.members[m[1]] != nil && !d.has(m[1], m[2]):
			names = append(names, strings.Trim(m[0], "`"))
		}
	}
	for _, block := range goBlock.FindAllStringSubmatch(page, -1) {
		names = append(names, d.unknownOfPackages(block[1])...)
	}
	return names
}

// unknownOfPackages returns the exported names that a text uses of the project's packages and that
// they do not declare.
func (d declared) unknownOfPackages(text string) (names []string) {
	for _, m := range packageName.FindAllStringSubmatch(text, -1) {
		if top := d.packages[m[1]]; top != nil && !top[m[2]] {
			names = append(names, m[1]+"."+m[2])
		}
	}
	return names
}

// The documentation and the comments name Go code that exists.
func TestDocsNames(t *testing.T) {
	const root = "../.."
	d := declarations(t, root)
	for page, text := range documentation(t, root) {
		for _, name := range d.unknown(text) {
			t.Errorf("%s: there is no %s", page, name)
		}
	}
	for path, text := range d.comments {
		for _, name := range d.unknownOfPackages(text) {
			t.Errorf("%s: a comment: there is no %s", path, name)
		}
	}
	got := d.unknown("`nn.Scale` `nn.Conv2d` `train.Trainer.Train` `train.Trainer.Fit` `Trainer.Fit` `Trainer.Train` `Network.Fit` `torch.Fit` " +
		"`report.html` `train.order` `Model.InitState`\n```go\nnn.Scale{}.Record(ref.Scale, nn.ReLU{})\n```\n```python\nnn.Scale()\n```\n")
	if want := []string{"nn.Scale", "train.Trainer.Fit", "Trainer.Fit", "Network.Fit", "nn.Scale", "ref.Scale"}; !slices.Equal(got, want) {
		t.Errorf("of a page with unknown names: got %q, want %q", got, want)
	}
}
