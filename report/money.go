package report

import (
	"fmt"

	"recfin/finalize"
)

// List prices of S3 in nano-dollars: $0.005 for 1,000 requests that write, copy or
// list, $0.0004 for 1,000 that read, $0.09 for a GB that leaves the region; what
// deletes is free.
const (
	nanoWrite = 5000
	nanoRead  = 400
	nanoEgress,
	perBytes = 9, 100 // nano-dollars for so many bytes
)

// dollars estimates what the requests of a run would cost at S3's list prices;
// egress is what its reading would cost on top, from outside the region.
func dollars(c finalize.Cost) (requests, egress int64) {
	requests = (c.List+c.Put+c.Copy)*nanoWrite + (c.Get+c.Head)*nanoRead
	return requests, c.BytesRead/perBytes*nanoEgress + c.BytesRead%perBytes*nanoEgress/perBytes
}

// money writes nano-dollars: cents where there are some, else what is there.
func money(nano int64) string {
	switch {
	case nano <= 0:
		return "$0"
	case nano < 10_000:
		return "under $0.00001"
	case nano < 10_000_000:
		return fmt.Sprintf("$0.%05d", nano/10_000)
	}
	return fmt.Sprintf("$%d.%02d", nano/1_000_000_000, nano%1_000_000_000/10_000_000)
}

type costRow struct {
	Name string
	N    string
}

type costView struct {
	Rows     []costRow
	Requests string
	Egress   string
}

func costOf(c finalize.Cost) costView {
	var v costView
	for _, row := range []struct {
		name string
		n    int64
	}{{"list", c.List}, {"get", c.Get}, {"head", c.Head}, {"put", c.Put}, {"copy", c.Copy}, {"delete", c.Delete}} {
		if row.n > 0 {
			v.Rows = append(v.Rows, costRow{row.name, digits(row.n)})
		}
	}
	if c.BytesRead > 0 {
		v.Rows = append(v.Rows, costRow{"bytes read", digits(c.BytesRead) + " (" + size(c.BytesRead) + ")"})
	}
	if c.BytesWritten > 0 {
		v.Rows = append(v.Rows, costRow{"bytes written", digits(c.BytesWritten) + " (" + size(c.BytesWritten) + ")"})
	}
	requests, egress := dollars(c)
	v.Requests, v.Egress = money(requests), money(egress)
	return v
}
