package mem_test

import (
	"testing"

	"recfin/store"
	"recfin/store/mem"
	"recfin/store/storetest"
)

func TestContract(t *testing.T) {
	for name, opaque := range map[string]bool{"hash": false, "opaque": true} {
		t.Run(name, func(t *testing.T) {
			storetest.RunWith(t, storetest.Features{Small: opaque}, func(t *testing.T) store.Store {
				return mem.New(mem.Options{Opaque: opaque})
			})
		})
	}
}
