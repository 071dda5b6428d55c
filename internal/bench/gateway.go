package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"recfin/internal/versity"
)

// sources is the bucket of the segments; outs stands for all others, but for what
// recfin writes for itself below ".recfin/".
const (
	sources = "segments"
	outs    = "outputs"
	private = "private"
)

// gateway is the S3 server of the comparison: versitygw over a folder.
type gateway struct {
	server *versity.Server
	stop   func() error
	log    accessLog
}

// startGateway starts the server with its buckets below dir.
func startGateway(ctx context.Context, dir string) (*gateway, error) {
	program, err := exec.LookPath("versitygw")
	if err != nil {
		return nil, fmt.Errorf("%w (make tools installs it)", err)
	}
	root, aside := filepath.Join(dir, "buckets"), filepath.Join(dir, "attributes")
	for _, folder := range []string{root, aside} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
	}
	log := filepath.Join(dir, "access.log")
	server, stop, err := versity.Launch(program, root, aside, "--access-log", log)
	if err != nil {
		return nil, err
	}
	g := &gateway{server: server, stop: stop, log: accessLog{file: log, seen: requests{}}}
	return g, g.makeBucket(ctx, sources)
}

// makeBucket makes a bucket through the server: it is asked for its owner by rclone,
// and a folder behind the back of the server has none.
func (g *gateway) makeBucket(ctx context.Context, name string) error {
	_, _, err := measure(ctx, &step{args: []string{"rclone", "mkdir", "gw:" + name}, env: g.rclone()})
	return err
}

// removeBucket removes a bucket with all that is in it, finished or not, and the
// folder of that name beside the segments.
func (g *gateway) removeBucket(name string) error {
	return errors.Join(os.RemoveAll(g.server.Folder(name)), os.RemoveAll(filepath.Join(g.server.Folder(sources), name)))
}

// url is the URL of a bucket for recfin and for the children of this program.
func (g *gateway) url(bucket string) string { return g.server.URL(bucket) }

// rclone is the environment in which rclone knows the server as "gw:".
func (g *gateway) rclone() []string {
	return []string{
		"RCLONE_CONFIG=/dev/null", "AWS_CA_BUNDLE=",
		"RCLONE_CONFIG_GW_TYPE=s3", "RCLONE_CONFIG_GW_PROVIDER=Other", "RCLONE_CONFIG_GW_FORCE_PATH_STYLE=true",
		"RCLONE_CONFIG_GW_ENDPOINT=" + g.server.Endpoint, "RCLONE_CONFIG_GW_REGION=" + g.server.Region,
		"RCLONE_CONFIG_GW_ACCESS_KEY_ID=" + g.server.AccessKey, "RCLONE_CONFIG_GW_SECRET_ACCESS_KEY=" + g.server.SecretKey,
	}
}

// served is what the server has done so far.
type served struct {
	cpu   time.Duration
	asked requests
}

// meterServer gives what the server has done so far; nothing where there is none.
func (l *lab) meterServer() (served, error) {
	if l.gateway == nil {
		return served{}, nil
	}
	cpu, err := cpuOf(l.gateway.server.Process)
	if err != nil {
		return served{}, err
	}
	asked, err := l.gateway.log.count()
	return served{cpu, asked}, err
}
