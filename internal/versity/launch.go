package versity

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Launch starts the program on a free port of this machine. The folders in root are
// the buckets; aside is a folder for what the file system of root cannot keep
// (attributes of objects). options are those of the program. stop ends it; it
// fails if the program had ended before.
func Launch(program, root, aside string, options ...string) (s *Server, stop func() error, err error) {
	s = &Server{AccessKey: "recfin-test", SecretKey: strings.ToLower(rand.Text()), Region: region, root: root}
	for range 3 { // the port may be taken between looking and listening
		if stop, err = s.run(program, aside, options); err == nil {
			return s, stop, nil
		}
	}
	return nil, nil, err
}

// run starts the program on a free port and waits until it listens.
func (s *Server) run(program, aside string, options []string) (stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	args := append([]string{"--port", addr, "--region", s.Region, "--quiet", "--keep-alive"}, options...)
	args = append(args, "posix")
	if !attributes(s.root) {
		args = append(args, "--sidecar", aside)
	}
	cmd := exec.Command(program, append(args, s.root)...)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s.AccessKey, "ROOT_SECRET_KEY="+s.SecretKey)
	var said bytes.Buffer // read only when the program has ended
	cmd.Stdout, cmd.Stderr = &said, &said
	ended, err := start(cmd)
	if err != nil {
		return nil, err
	}
	for range 200 {
		if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			_ = c.Close()
			s.Endpoint, s.Process = "http://"+addr, cmd.Process.Pid
			return func() error {
				select {
				case err := <-ended:
					return fmt.Errorf("versitygw ended before it was told to: %v\n%s", err, said.Bytes())
				default:
					_ = cmd.Process.Kill()
					<-ended
					return nil
				}
			}, nil
		}
		select {
		case err := <-ended:
			return nil, fmt.Errorf("it ended at once: %v\n%s", err, said.Bytes())
		case <-time.After(50 * time.Millisecond):
		}
	}
	_ = cmd.Process.Kill()
	<-ended
	return nil, fmt.Errorf("it does not listen on %s", addr)
}
