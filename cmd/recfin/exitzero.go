package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

const flagExitZero = "exit-zero"

func exitZeroFlag() cli.Flag {
	return &cli.BoolFlag{Name: flagExitZero, Usage: "exit code 0 whatever happened, wrong settings included: for a hook whose failure would keep a node from starting", EnvVars: env(flagExitZero)}
}

// forgiven reports whether a command line asks that its failure be not seen in the
// exit code. It looks at the words and the environment themselves: settings that
// could not even be read must not keep a node from starting either.
func forgiven(args []string) bool {
	if len(args) < 2 || args[1] != "recover" {
		return false
	}
	asked := os.Getenv(env(flagExitZero)[0])
	for _, arg := range args[2:] {
		if name, ok := flagName(arg); !ok || name != flagExitZero {
			continue
		}
		asked = "true"
		if _, value, given := strings.Cut(arg, "="); given {
			asked = value
		}
	}
	yes, err := strconv.ParseBool(asked)
	return yes && err == nil
}
