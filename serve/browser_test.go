package serve_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"recfin/internal/testenv"
)

// TestPagePlays: the player of a page plays what is not finalized over the
// discontinuity to its end, and then what is finalized, as its policy allows.
func TestPagePlays(t *testing.T) {
	t.Parallel()
	chromium := testenv.Need(t, "chromium")
	w := lay(t, "restart")
	before := serving(t, w, nil)
	done := lay(t, "restart")
	done.Config.Formats.MP4 = true
	done.Finalize(t)
	after := serving(t, done, nil)

	ctx, cancel := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(chromedp.ExecPath(chromium),
		chromedp.Flag("no-sandbox", true), chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.Flag("mute-audio", true)))
	defer cancel()
	ctx, over := context.WithTimeout(ctx, 2*time.Minute)
	defer over()
	for _, c := range []struct {
		name string
		url  string
	}{{"before", before.at.URL}, {"after", after.at.URL}} {
		err := chromedp.Do(ctx, chromedp.Navigate(c.url+"/r/show"))
		if err != nil {
			t.Fatal(err)
		}
		seen, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](watching, chromedp.EvalAwaitPromise))
		if err != nil || len(seen) != 3 {
			t.Fatalf("%s: %v %v", c.name, seen, err)
		}
		if seen[0] < 15.9 || seen[0] > 16.2 || seen[1] < seen[0]-0.2 || seen[2] < 8.9 || seen[2] > 9.1 {
			t.Errorf("%s: it lasts %v s, was played to %v, a seek came to %v", c.name, seen[0], seen[1], seen[2])
		}
	}
}

// watching plays what a page offers first to its end, and seeks back behind the
// discontinuity. It gives the duration, where it ended, and where the seek came to.
const watching = `(async () => {
	document.querySelector("[data-testid=play]").click();
	const video = document.querySelector("video");
	const until = async (is) => { while (!is()) await new Promise((ok) => setTimeout(ok, 20)); };
	await until(() => video.readyState >= 2);
	video.playbackRate = 8;
	await video.play();
	await until(() => video.ended);
	const at = video.currentTime;
	video.currentTime = 9;
	await until(() => !video.seeking && video.readyState >= 2);
	return [video.duration, at, video.currentTime];
})()`
