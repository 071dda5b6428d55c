package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestMisplacedURL: a store URL in the wrong place is not repeated by whoever says
// that it is wrong there.
func TestMisplacedURL(t *testing.T) {
	dir := t.TempDir()
	for _, u := range []string{"s3://" + hardKey + ":qqSECRETqq+/x=@us-west-2/bucket", "s3+https://" + hardKey + ":qqSECRETqq@host/bucket", "https://" + hardKey + ":qqSECRETqq@host/b"} {
		for _, args := range [][]string{
			{u}, {"run", u}, {"recover", u}, {"finalize", u}, {"finalize", "--store", dir, u}, {"plan", "--store", dir, "--", u}, {"keep", "--store", dir, u},
			{"--store", u, "run"}, {"--store=" + u, "run"}, {"run", "--sotre", u}, {"run", "--sotre=" + u}, {"run", "--settle", u}, {"run", "--json=" + u}, {"run", "--store"},
			{"run", "--store", dir, "--layout", u}, {"plan", "--store", dir, "--explain", u}, {"run", "--store", dir, "--require", u}, {"run", "--store", dir, "--delete=" + u},
			{"finalize", "--store", dir, "--as", u, "x"}, {"probe", u + "%zz"}, {"run", "--store", dir, "--memory", u}, {"run", "--store", dir, "--accept", u}, {"help", u},
		} {
			r := recfin(args...)
			if found := leaks(r.out+r.err, hardKey, "qqSECRETqq"); len(found) > 0 || r.code == exitDone && args[0] != "help" {
				t.Errorf("recfin %.60q: exit code %d, prints %q", args, r.code, found)
			}
		}
	}
	for _, args := range [][]string{{"run", "AK:qqSECRETqq@us-west-2/bucket"}, {"recover", "AK:qqSECRETqq@us-west-2/bucket"}, {"AK:qqSECRETqq@us-west-2/bucket"}} {
		mustRecfin(t, exitUsage, args...).hides(t, "SECRET")
	}
	for _, name := range []string{"RECFIN_SETTLE", "RECFIN_LAYOUT", "RECFIN_JSON", "RECFIN_MEMORY", "RECFIN_ACCEPT"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "s3://AK:qqSECRETqq@us-west-2/bucket")
			r := mustRecfin(t, exitUsage, "run", "--store", dir)
			r.hides(t, "SECRET")
			r.says(t, name)
		})
	}
}

// TestConfigurationOfOthers: what else may hold a password is not repeated either:
// a proxy, an endpoint in the environment. The proxy is read once in a process.
func TestConfigurationOfOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ env, url, says string }{
		"a proxy that is no URL":               {"HTTP_PROXY=http://user:qqSECRETqq@ho st", "s3+http://AK:other@host.invalid/bucket", ""},
		"a proxy with an odd port":             {"HTTP_PROXY=http://user:qqSECRETqq@host:port", "s3+http://AK:other@host.invalid/bucket", ""},
		"an endpoint with a wrong port":        {"AWS_ENDPOINT_URL=http://AK:qqSECRETqq@127.0.0.1:99999999", "s3://AK:other@us-west-2/bucket", ""},
		"an endpoint that is no URL":           {"AWS_ENDPOINT_URL=http://AK:qqSECRET\x7fqq@[::bad", "s3://AK:other@us-west-2/bucket", ""},
		"a bundle of authorities that is none": {"AWS_CA_BUNDLE=/dev/null", "s3+https://AK:qqSECRETqq@127.0.0.1:1/bucket", ""},
		"no profile":                           {"AWS_PROFILE=none\x1b[31m\nFORGED", "s3://bucket", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := child(t, "finalize", "--store", c.url, "--log-level", "debug", "foo")
			cmd.Env = append(cmd.Env, c.env, "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true")
			out, err := cmd.CombinedOutput()
			r := result{args: []string{"finalize"}, out: string(out)}
			if err == nil || len(out) == 0 || !strings.Contains(r.out, c.says) {
				t.Errorf("%v, want %q in\n%s", err, c.says, r.text())
			}
			r.hides(t, "SECRET")
			staysOnItsLine(t, r)
		})
	}
}

// TestVisible: what can be read is printed as it is, everything else escaped, however
// the writes are cut; a JSON document stays the same document.
func TestVisible(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("aß\x1b\u009b\u202e\u2028\U000e0001\r\n\x7f"))), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		print := func(p []byte) string {
			var b bytes.Buffer
			v := &visible{to: &b}
			for len(p) > 0 {
				n := rapid.IntRange(1, len(p)).Draw(t, "cut")
				if m, err := v.Write(p[:n]); m != n || err != nil {
					t.Fatal(m, err)
				}
				p = p[n:]
			}
			return b.String()
		}
		shown := print(raw)
		var back, want string
		if err := json.Unmarshal([]byte(shown), &back); err != nil {
			t.Fatalf("%q: %v", shown, err)
		}
		if err := json.Unmarshal(raw, &want); err != nil || back != want {
			t.Errorf("%q was printed as %q (%v)", want, back, err)
		}
		if shown = print([]byte(text)); strings.ContainsAny(shown, "\x1b\r\x7f\u009b\u202e\u2028\U000e0001") {
			t.Errorf("%q is printed as %q", text, shown)
		}
	})
}
