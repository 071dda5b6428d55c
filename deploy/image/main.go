// Command image makes the container image of recfin as an archive, without Docker
// and without a registry: one static binary, the CA certificates that Go looks for,
// and a user that is not root. The archive can be given to `docker load`, `podman
// load`, `ctr images import`, `kind load image-archive` and `crane push`.
//
// The same binary gives the same archive, byte for byte: certificates come from the
// module golang.org/x/crypto/x509roots, and all times are zero.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
}

// run makes an image and lists what is in the archive that it has written.
func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	binary := flags.String("binary", "", "recfin, built for Linux with CGO_ENABLED=0: `FILE`")
	arch := flags.String("arch", "amd64", "what it was built for: a `GOARCH`")
	certs := flags.String("certs", "", "CA certificates as a PEM `FILE`, instead of those that Mozilla trusts")
	tag := flags.String("tag", "recfin:dev", "`NAME:TAG` of the image")
	to := flags.String("o", "image.tar", "the archive: `FILE`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	program, err := readStatic(*binary)
	if err != nil {
		return err
	}
	pem := roots()
	if *certs != "" {
		if pem, err = os.ReadFile(*certs); err != nil {
			return err
		}
	}
	if err := write(*to, *tag, *arch, []file{{certsPath, 0o644, pem}, {programPath, 0o755, program}}); err != nil {
		return err
	}
	return list(*to, out)
}
