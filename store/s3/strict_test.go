package s3

import (
	"testing"

	"recfin/store"
	"recfin/store/storetest"
	"recfin/store/storetest/s3double"
)

// connectAs reaches a folder of a double whose name has to be encoded.
func connectAs(t *testing.T, d *s3double.Server, tune tuning) *Store {
	t.Helper()
	s, err := newStore(t.Context(), Options{
		Endpoint: d.Endpoint, Region: d.Region, Bucket: d.Bucket, Prefix: "a+b &/ü",
		AccessKey: d.AccessKey, SecretKey: d.SecretKey, PathStyle: true,
	}, tune)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestContractStrict: the contract on a server that is as strict as AWS, and on
// those that differ from it.
func TestContractStrict(t *testing.T) {
	for _, c := range []struct {
		name string
		sum  checksum
		opt  s3double.Options
	}{
		{"aws", sumCRC64, s3double.Options{}},
		{"opaque", sumMD5, s3double.Options{OpaqueETags: true}},
		{"versions", sumCRC64, s3double.Options{Versioning: s3double.VersioningOn, OpaqueETags: true}},
		{"suspended", sumMD5, s3double.Options{Versioning: s3double.VersioningSuspended}},
		{"equal parts", sumMD5, s3double.Options{EqualParts: true, Checksums: s3double.ChecksumsIgnored}},
		{"small pages", sumCRC64, s3double.Options{PageSize: 3, Checksums: s3double.ChecksumsEchoed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			small := storetest.Features{Small: c.name != "aws", CopiesRace: true}
			storetest.RunWith(t, small, func(t *testing.T) store.Store {
				tune := defaults()
				tune.checksum = c.sum
				return connectAs(t, s3double.New(t, c.opt), tune)
			})
		})
	}
}
