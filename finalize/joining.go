package finalize

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"recfin/finalize/remux"
	"recfin/probe"
	"recfin/store"
)

// joined is what became of the segments of a movie.
type joined struct {
	*remux.Result
	segments [][]remux.Measured // of each rendition, by row
	sums     [][]string         // the CRC of each segment
}

// taken is what was read of a piece.
type taken struct {
	sum    uint64 // CRC-64/NVME
	proved bool   // it is what the store holds
}

// join hands the segments of a movie to the joiner.
func (j *job) join(ctx context.Context, rec *Record, w *movieFiles) (*joined, error) {
	of, list := w.of, w.list
	pieces := make([]piece, len(list))
	for i, x := range list {
		pieces[i] = x.piece(of)
	}
	inits, err := j.initsOf(ctx, rec)
	if err != nil {
		return nil, err
	}
	joiner := remux.New(w.body.movie, remux.Options{Inputs: len(of), Segments: len(list), Next: w.next, KeepGaps: rec.Settings.Gaps == string(GapsKeep)})
	out := &joined{segments: make([][]remux.Measured, len(of)), sums: make([][]string, len(of))}
	total, done := of.bytes(), int64(0)
	begins := bufio.NewReaderSize(nil, sniffed)
	learner := j.learns(rec, of, list)
	feed := func(i int, body content) error {
		x := list[i]
		q := of[x.input]
		if err := learner.learn(i, body); err != nil {
			return err
		}
		b := remux.Boundary{
			Input: x.input, At: x.at,
			Name: pieces[i].Key, Join: i > 0 && x.part != list[i-1].part, MissingBefore: x.missing,
			Shared: x.shared, NextShared: x.heads,
			Same: x.fill == 0 && x.row > 0 && q.Nonce[x.row] == q.Nonce[x.row-1],
		}
		if x.fill > 0 {
			b.Init = q.Fills.init(x.fill-1, inits)
		} else if b.Init, err = j.describes(ctx, q, x.row, inits); err != nil {
			return err
		}
		begins.Reset(body)
		if b.Container, err = containerOf(begins); err != nil {
			return fmt.Errorf("read %s: %w", store.Printable(b.Name), err)
		}
		if err := joiner.Begin(b); err != nil {
			return err
		}
		if _, err := io.Copy(joiner, begins); err != nil {
			return err
		}
		if x.fill == 0 {
			done += q.rowBytes(x.row)
		}
		j.notify(Event{Stage: StageWrite, Detail: of[0].Output + ".mp4", Done: done, Total: total, Unit: UnitBytes})
		return joiner.End()
	}
	read := make([]taken, 0, len(list))
	err = j.f.fetchSeen(ctx, pieces, learner.see, func(i int, body content) error {
		err := feed(i, body)
		if _, ok := blamed(err); ok {
			if _, lost := io.Copy(io.Discard, body); lost != nil { // for its sum
				return lost
			}
		}
		read = append(read, taken{body.Sum64(), body.Proved()})
		return err
	})
	var res remux.Result
	if err == nil {
		res, err = joiner.Finish()
	}
	if err != nil {
		return nil, byRow(j.confirm(ctx, err, pieces, read), list)
	}
	if err := j.confirmDamage(ctx, &res, pieces, read); err != nil {
		return nil, err
	}
	for _, p := range res.Problems {
		j.report.problem(of[0].Name + ": " + p)
	}
	for i, r := range read {
		if r.proved {
			j.proved.add(pieces[i].id(), crcText(r.sum))
		}
	}
	out.take(&res, list, read)
	return out, nil
}

// sniffed is how many bytes tell the container.
const sniffed = 4096

// containerOf tells the container of a segment, without taking its bytes. One writer
// may go over from MPEG-TS to fragments, and what reads the one finds nothing in the
// other. Unknown where the bytes do not tell: then it is that of the segment before.
func containerOf(r *bufio.Reader) (probe.Container, error) {
	head, err := r.Peek(sniffed)
	if err != nil && err != io.EOF {
		return probe.Unknown, err
	}
	c, _ := probe.Sniff(head)
	return c, nil
}

// take sorts what was measured and read by rendition.
func (out *joined) take(res *remux.Result, list []fed, read []taken) {
	out.Result = res
	rows := make([]int, len(out.segments))
	for _, x := range list {
		rows[x.input]++
	}
	for i, n := range rows {
		out.segments[i], out.sums[i] = make([]remux.Measured, 0, n), make([]string, 0, n)
	}
	for i, x := range list {
		m := res.Segments[i]
		if x.fill > 0 {
			continue
		}
		if x.shared || x.heads { // a playlist has all of it, an MP4 a part
			m.Duration, m.Join = 0, false
		}
		out.segments[x.input] = append(out.segments[x.input], m)
		out.sums[x.input] = append(out.sums[x.input], crcText(read[i].sum))
	}
}

// byRow makes an error about a segment of the joiner one about a row of its
// rendition.
func byRow(err error, list []fed) error {
	var bad *remux.SegmentError
	if errors.As(err, &bad) && bad.Index >= 0 && bad.Index < len(list) {
		if x := list[bad.Index]; x.fill > 0 {
			bad.Index = -1
		} else {
			bad.Index = x.row
		}
	}
	return err
}
