package s3

import (
	"testing"

	"recfin/internal/versity"
	"recfin/store"
	"recfin/store/storetest"
)

// options reach a fresh folder of a server.
func options(t *testing.T, srv *versity.Server) Options {
	return Options{
		Endpoint: srv.Endpoint, Region: srv.Region, Bucket: srv.Bucket(t), Prefix: srv.Prefix(),
		AccessKey: srv.AccessKey, SecretKey: srv.SecretKey, PathStyle: true,
	}
}

func TestContract(t *testing.T) {
	srv := versity.Start(t)
	storetest.RunWith(t, storetest.Features{Small: srv.External()}, func(t *testing.T) store.Store {
		s, err := New(t.Context(), options(t, srv))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
