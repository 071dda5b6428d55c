package check

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Root is the folder of the product.
var Root = filepath.Join("..", "..")

// Program is recfin, built.
type Program struct{ Path string }

// Compile builds recfin in a folder.
func Compile(dir string) (Program, error) {
	path := filepath.Join(dir, "recfin")
	out, err := exec.Command("go", "build", "-C", Root, "-o", path, "./cmd/recfin").CombinedOutput()
	if err != nil {
		return Program{}, fmt.Errorf("build recfin: %w\n%s", err, out)
	}
	return Program{path}, nil
}

var helpFlag = regexp.MustCompile(`(?m)^  --([a-z][a-z-]*)`)

// Takes are the flags of a command, by its help, and the variables that they are read
// from.
func (p Program) Takes(command string) (flags, variables []string, err error) {
	out, err := exec.Command(p.Path, command, "--help").CombinedOutput()
	if err != nil {
		return nil, nil, fmt.Errorf("recfin %s --help: %w\n%s", command, err, out)
	}
	for _, m := range helpFlag.FindAllStringSubmatch(string(out), -1) {
		flags = append(flags, m[1])
		variables = append(variables, "RECFIN_"+strings.ToUpper(strings.ReplaceAll(m[1], "-", "_")))
	}
	if len(flags) == 0 {
		return nil, nil, fmt.Errorf("recfin %s --help shows no flag\n%s", command, out)
	}
	return flags, variables, nil
}

// Lacks names the flags and variables that a command line has and recfin does not.
func (p Program) Lacks(args, variables []string) ([]string, error) {
	if len(args) == 0 {
		return []string{"no command"}, nil
	}
	flags, known, err := p.Takes(args[0])
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, arg := range args[1:] {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if strings.HasPrefix(arg, "-") && !slices.Contains(flags, name) {
			bad = append(bad, fmt.Sprintf("recfin %s has no flag %s", args[0], arg))
		}
	}
	for _, name := range variables {
		if strings.HasPrefix(name, "RECFIN_") && !slices.Contains(known, name) {
			bad = append(bad, fmt.Sprintf("recfin %s has no variable %s", args[0], name))
		}
	}
	return bad, nil
}

// ExitCodes are the constants of cmd/recfin/exit.go, by name.
func ExitCodes() (map[string]int32, error) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(Root, "cmd", "recfin", "exit.go"), nil, 0)
	if err != nil {
		return nil, err
	}
	codes := map[string]int32{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Names) != 1 || len(v.Values) != 1 || !strings.HasPrefix(v.Names[0].Name, "exit") {
			return true
		}
		if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == token.INT {
			if code, err := strconv.ParseInt(lit.Value, 10, 32); err == nil {
				codes[v.Names[0].Name] = int32(code)
			}
		}
		return true
	})
	return codes, nil
}
