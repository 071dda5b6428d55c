package doctest

// standIn is what runs in the place of a program that a test must not run.
type standIn struct {
	why  string
	does string // bash
}

// standIns by name. Their arguments are not looked at but where does says so; a recfin
// command line among them is checked like any other in the page.
var standIns = map[string]standIn{
	"make": {
		why: "a target that takes long or installs something is looked up and not made; build has been made in another clone",
		does: `case "$*" in
build|demo)
  "$REAL_MAKE" -n "$@" >/dev/null
  mkdir -p bin && cp -L "${0%/*}/recfin" bin/recfin
  exec "$REAL_MAKE" -o build "$@" ;;
help) exec "$REAL_MAKE" help ;;
esac
exec "$REAL_MAKE" -n "$@" >/dev/null`,
	},
	"kubectl": {why: "there is no cluster; the manifests have tests of their own under deploy/"},
	"docker":  {why: "there is no daemon, and no registry to pull from"},
	"podman":  {why: "as docker"},
	"aws":     {why: "a real account is behind it"},
	"mc":      {why: "the client of MinIO is not installed by make tools"},
	"crontab": {why: "it would change the crontab of whoever runs the tests"},
	"systemctl": {
		why: "it would change the machine; the units have tests of their own under deploy/",
	},
	"journalctl": {why: "there is no such unit here"},
	"sudo": {
		why: "nothing of a page may change the machine; of cp and install the sources must exist",
		does: `case $1 in cp|install) ;; *) exit 0 ;; esac
shift
files=()
while (($#)); do
  case $1 in -m|-o|-g|--mode|--owner|--group) shift ;; -*) ;; *) files+=("$1") ;; esac
  shift
done
for ((i = 0; i < ${#files[@]} - 1; i++)); do
  [ -e "${files[i]}" ] || { echo "${files[i]} does not exist" >&2; exit 1; }
done`,
	},
}
