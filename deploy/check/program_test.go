package check

import (
	"os"
	"slices"
	"strings"
	"testing"
)

var built Program // by TestMain

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "deploy")
	if err != nil {
		panic(err)
	}
	if built, err = Compile(dir); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// recfin is the program, built once.
func recfin(t *testing.T) Program {
	t.Helper()
	return built
}

// What recfin does not have is found.
func TestLacks(t *testing.T) {
	for _, c := range []struct {
		args, variables []string
		want            string
	}{
		{[]string{"run", "--store=/x", "--grace", "8s", "--delete=none"}, []string{"RECFIN_STORE", "AWS_PROFILE"}, ""},
		{[]string{"run", "--stor=/x"}, nil, "recfin run has no flag --stor=/x"},
		{[]string{"run", "--budget=30s"}, nil, "recfin run has no flag --budget=30s"},
		{[]string{"run"}, []string{"RECFIN_STOR"}, "recfin run has no variable RECFIN_STOR"},
		{nil, nil, "no command"},
	} {
		got, err := recfin(t).Lacks(c.args, c.variables)
		if err != nil || strings.Join(got, "\n") != c.want {
			t.Errorf("%q: %q, %v, want %q", c.args, got, err, c.want)
		}
	}
	if _, err := recfin(t).Lacks([]string{"runn"}, nil); err == nil {
		t.Error("a command that does not exist is not seen")
	}
}

func TestExitCodes(t *testing.T) {
	codes, err := ExitCodes()
	if err != nil || len(codes) != 10 || codes["exitDone"] != 0 || codes["exitTerminated"] != 143 {
		t.Errorf("%v, %v", codes, err)
	}
}

func TestParseUnit(t *testing.T) {
	u := ParseUnit("# a=b\n[Unit]\nX=1\n; c=d\n\n[Service]\n X = no\nY=2=3\nY=\n")
	want := Unit{{"Unit.X", "1"}, {"Service.X", "no"}, {"Service.Y", "2=3"}, {"Service.Y", ""}}
	if !slices.Equal(u, want) {
		t.Errorf("%q", u)
	}
}
