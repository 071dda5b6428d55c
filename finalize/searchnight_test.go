package finalize_test

import (
	"os"
	"strconv"
	"testing"

	"recfin/internal/testenv"
)

// thoroughNight is how many finished recordings a night is to meet; 0: few.
func thoroughNight() int {
	n, _ := strconv.Atoi(os.Getenv("RECFIN_TEST_NIGHT"))
	return n
}

func figure(t testing.TB, name, format string, args ...any) { testenv.Figure(t, name, format, args...) }
