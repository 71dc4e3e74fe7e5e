package desktop_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"amq2api/backend/desktop"
)

var (
	laptop  = desktop.Screen{Width: 1440, Height: 900}
	monitor = desktop.Screen{Width: 2560, Height: 1440}
)

func TestAWindowComesBackWhereItWas(t *testing.T) {
	dir := t.TempDir()
	was := desktop.Place{X: 20, Y: 30, Width: 1000, Height: 700, Maximised: true, Screens: []desktop.Screen{laptop}}
	if err := was.Keep(dir); err != nil {
		t.Fatal(err)
	}
	is, positioned := desktop.ReadPlace(dir).On([]desktop.Screen{laptop})
	if !positioned || !reflect.DeepEqual(is, was) {
		t.Errorf("it is %+v, %v", is, positioned)
	}
}

func TestAWindowStaysOnTheScreensThereAre(t *testing.T) {
	for name, test := range map[string]struct {
		was           desktop.Place
		now           []desktop.Screen
		width, height int
		x, y          int
		positioned    bool
	}{
		"beyond the edge":       {desktop.Place{X: 1400, Y: -50, Width: 1000, Height: 700, Screens: []desktop.Screen{laptop}}, []desktop.Screen{laptop}, 1000, 700, 440, 0, true},
		"the monitor is gone":   {desktop.Place{X: 1500, Y: 10, Width: 2400, Height: 1400, Screens: []desktop.Screen{monitor}}, []desktop.Screen{laptop}, 1440, 900, 0, 0, false},
		"a monitor came":        {desktop.Place{X: 10, Y: 10, Width: 1000, Height: 700, Screens: []desktop.Screen{laptop}}, []desktop.Screen{laptop, monitor}, 1000, 700, 10, 10, false},
		"smaller than can be":   {desktop.Place{Width: 10, Height: 10, Screens: []desktop.Screen{laptop}}, []desktop.Screen{laptop}, 940, 620, 0, 0, true},
		"a screen that is tiny": {desktop.Place{Width: 1000, Height: 700}, []desktop.Screen{{Width: 640, Height: 480}}, 940, 620, 0, 0, false},
		"screens nobody knows":  {desktop.Place{Width: 1000, Height: 700}, nil, 1000, 700, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			is, positioned := test.was.On(test.now)
			if is.Width != test.width || is.Height != test.height || is.X != test.x || is.Y != test.y || positioned != test.positioned {
				t.Errorf("it is %+v, %v", is, positioned)
			}
		})
	}
}

func TestAPlaceThatCannotBeReadIsTheUsualOne(t *testing.T) {
	for name, text := range map[string]string{"none": "", "torn": `{"x":1`, "empty": `{}`, "of another kind": `[1]`, "negative": `{"width":-5,"height":10}`} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if text != "" {
				if err := os.WriteFile(filepath.Join(dir, "window.json"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if is := desktop.ReadPlace(dir); is.Width != desktop.UsualWidth || is.Height != desktop.UsualHeight {
				t.Errorf("it is %+v", is)
			}
		})
	}
}
