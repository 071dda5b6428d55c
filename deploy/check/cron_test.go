package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/robfig/cron/v3"
)

// crontab splits /etc/cron.d/recfin into its variables and its jobs (schedule,
// user, command).
func crontab(t *testing.T) (variables []string, jobs [][3]string) {
	t.Helper()
	for _, line := range strings.Split(readFile(t, "..", "cron", "crontab"), "\n") {
		words := strings.Fields(line)
		n := 5
		switch {
		case len(words) == 0 || words[0][0] == '#':
			continue
		case strings.Contains(words[0], "="):
			variables = append(variables, line)
			continue
		case words[0][0] == '@':
			n = 1
		}
		if len(words) < n+2 {
			t.Fatalf("a line of %d words: %s", len(words), line)
		}
		jobs = append(jobs, [3]string{strings.Join(words[:n], " "), words[n], strings.Join(words[n+1:], " ")})
	}
	return variables, jobs
}

func TestCrontab(t *testing.T) {
	variables, jobs := crontab(t)
	if len(jobs) != 2 {
		t.Fatalf("the crontab has %d jobs: %q", len(jobs), jobs)
	}
	var names []string
	for _, v := range variables {
		name, _, _ := strings.Cut(v, "=")
		names = append(names, name)
	}
	for _, job := range jobs {
		if _, err := cron.ParseStandard(job[0]); err != nil && job[0] != "@reboot" {
			t.Errorf("%q: %v", job[0], err)
		}
		if job[1] != "recfin" || strings.Contains(job[2], "%") { // cron makes a line feed of %
			t.Errorf("user %q, command %q", job[1], job[2])
		}
		command, _, _ := strings.Cut(job[2], " >")
		words := strings.Fields(command)
		if words[0] != "recfin" {
			t.Errorf("command %q", job[2])
		}
		lacks(t, words[1:], names)
	}
}

// The jobs run as cron runs them, and nothing is said, so that no mail is sent,
// unless something needs a look.
func TestCrontabRuns(t *testing.T) {
	variables, jobs := crontab(t)
	dir := t.TempDir()
	program := recfin(t)
	if out, err := exec.Command(program.Path, "demo", filepath.Join(dir, "live")).CombinedOutput(); err != nil {
		t.Fatalf("recfin demo: %v\n%s", err, out)
	}
	settings := filepath.Join(dir, "recfin.yaml")
	run := func(command, text string) string {
		if err := os.WriteFile(settings, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("/bin/sh", "-c", command)
		cmd.Env = []string{"HOME=" + dir}
		for _, v := range variables {
			v = strings.Replace(v, "PATH=", "PATH="+filepath.Dir(program.Path)+":", 1)
			cmd.Env = append(cmd.Env, strings.Replace(v, "/etc/recfin/recfin.yaml", settings, 1))
		}
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	for _, job := range jobs {
		if said := run(job[2], "store: "+filepath.Join(dir, "live")+"\n"); said != "" {
			t.Errorf("%s: a mail with %q", job[2], said)
		}
		if said := run(job[2], "stor: x\n"); !strings.Contains(said, "stor") {
			t.Errorf("%s: no word of wrong settings: %q", job[2], said)
		}
	}
}
