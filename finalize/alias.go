package finalize

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"recfin/store"
)

// Two URLs may lead to one bucket or folder: by another endpoint, a link, a mount.
// Then each object there is listed twice, as a copy of itself, and deleting the
// copy deletes both. So before a leftover goes whose winner is in another store,
// it is seen that what is written into the one does not appear in the other.

// alias is a pair of stores, and the folder in one of them that might be the
// root of the other.
type alias struct {
	victim, winner string
	folder         string
	inVictim       bool // the folder is one of the victim's store
}

// aliasOf tells how a victim and a winner could be one object: where two roots
// lead to one object, one key is the end of the other. ok is false if they
// cannot.
func aliasOf(victim store.Object, winner objectID) (a alias, ok bool) {
	if victim.Store == winner.store || victim.Size != winner.size {
		return a, false
	}
	a = alias{victim: victim.Store, winner: winner.store}
	if a.folder, ok = strings.CutSuffix(winner.key, victim.Key); !ok {
		a.folder, ok = strings.CutSuffix(victim.Key, winner.key)
		a.inVictim = true
	}
	return a, ok && (a.folder == "" || strings.HasSuffix(a.folder, "/"))
}

// mayBeOne reports whether a victim and what has its place may be one object.
// It is asked of each pair of stores once in a job.
func (j *job) mayBeOne(ctx context.Context, victim store.Object, winner objectID) (bool, error) {
	a, ok := aliasOf(victim, winner)
	if !ok {
		return false, nil
	}
	if one, asked := j.aliases[a]; asked {
		return one, nil
	}
	one, err := j.seen(ctx, a)
	if err == nil {
		j.aliases[a] = one
	}
	return one, err
}

// seen writes a private object of a random name into the store of the victim and
// looks for it in the store of the winner.
func (j *job) seen(ctx context.Context, a alias) (bool, error) {
	name := make([]byte, 12)
	_, _ = rand.Read(name) // it never fails (crypto/rand)
	write := store.Private + "probe/" + hex.EncodeToString(name) + "-here"
	look := a.folder + write
	if a.inVictim {
		write, look = look, write
	}
	in, other := j.f.storeOf(a.victim), j.f.storeOf(a.winner)
	if other == nil {
		return true, nil // it cannot be asked
	}
	if _, err := in.Put(ctx, write, []byte("recfin probe\n"), store.PutOptions{IfAbsent: true}); err != nil {
		return true, fmt.Errorf("see whether %s and %s are one store: %w", a.victim, a.winner, err)
	}
	_, err := other.Head(ctx, look)
	if info, err := in.Head(ctx, write); err == nil {
		for range in.Delete(ctx, []store.Object{info.Object}, store.DeleteOptions{}) { // what stays is small and never listed
		}
	}
	switch {
	case errors.Is(err, store.ErrNotExist):
		return false, nil
	case err != nil:
		return true, fmt.Errorf("see whether %s and %s are one store: %w", a.victim, a.winner, err)
	}
	return true, nil
}
