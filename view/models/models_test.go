package models_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/view/models"
)

func catalogue(t *testing.T) *models.Catalogue {
	t.Helper()
	s := memstore.New()
	put := func(key string, data []byte) {
		if err := s.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
	}
	good, err := os.ReadFile("../../examples/pumps/models/pump-1/pressure.pkl")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		put(fmt.Sprintf("models/pump-%d/temp.pkl", i), good)
	}
	put("models/pump-9/temp.pkl", []byte("no model"))
	put("models/readme.txt", []byte("no model either"))
	template, err := store.ParseKeyTemplate("models/{device}/{tag}.pkl")
	if err != nil {
		t.Fatal(err)
	}
	return &models.Catalogue{Store: s, Now: time.Now, Templates: func() []models.Template { return []models.Template{{KeyTemplate: template, Jobs: []string{"hourly"}}} }}
}

func TestList(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	var keys []string
	for after := ""; ; {
		page, next, err := c.List(t.Context(), "PUMP", after, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			keys = append(keys, m.Key)
			if m.Device == "" || m.Tag != "temp" || m.Native == (m.Error != "") || m.Digest == "" {
				t.Errorf("%+v", m)
			}
		}
		if after = next; next == "" {
			break
		}
	}
	if len(keys) != 6 || !slices.IsSorted(keys) {
		t.Errorf("keys %q", keys)
	}
	m, err := c.Look(t.Context(), "models/pump-3/temp.pkl")
	if err != nil || !m.Native || len(m.Steps) == 0 || len(m.Globals) == 0 {
		t.Errorf("%+v, %v", m, err)
	}
	for _, key := range []string{"models/readme.txt", "token", "models/none/temp.pkl"} {
		if _, err := c.Look(t.Context(), key); err == nil {
			t.Errorf("%s is shown as a model", key)
		}
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := catalogue(t)
		defer c.Stop()
		first, err := c.Summary(t.Context())
		if err != nil || first.Complete || first.Models != 6 || first.Looked != 0 {
			t.Fatalf("%+v, %v", first, err)
		}
		synctest.Wait()
		s, err := c.Summary(t.Context())
		if err != nil || !s.Complete || len(s.Kinds) != 2 || s.Kinds[0].Models != 5 || !s.Kinds[0].Native || s.Kinds[1].Kind != "damaged" {
			t.Errorf("%+v, %v", s, err)
		}
		old := 0
		time.Sleep(time.Minute) //nolint:forbidigo // in a bubble
		if err := c.Store.(*memstore.Store).Put(t.Context(), s.Kinds[1].Example, bytes.NewReader([]byte("no model again"))); err != nil {
			t.Fatal(err)
		}
		if again, err := c.Summary(t.Context()); err != nil || again.Complete || again.Looked != 5 || !slices.Equal(again.Kinds, s.Kinds) {
			t.Errorf("after one was replaced %+v, %v", again, err)
		}
		for _, a := range s.Ages {
			old += a.Models
		}
		if old != 6 {
			t.Errorf("%d models have an age", old)
		}
	})
}

// What the templates of several jobs have as theirs is of all of them, and of the sensor
// that one of them finds in its name.
func TestSharedModels(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	all := c.Templates()
	for text, job := range map[string]string{"models/pump-2/temp.pkl": "fixed", "models/readme.txt": "odd"} {
		template, err := store.ParseKeyTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append([]models.Template{{KeyTemplate: template, Jobs: []string{job}}}, all...)
	}
	c.Templates = func() []models.Template { return all }
	want := func(m *models.Model, device string, jobs ...string) {
		t.Helper()
		if m.Device != device || !slices.Equal(m.Jobs, jobs) {
			t.Errorf("%s is of %q, %q", m.Key, m.Device, m.Jobs)
		}
	}
	page, _, err := c.List(t.Context(), "", "", 50)
	if err != nil || len(page) != 7 {
		t.Fatalf("%+v, %v", page, err)
	}
	want(&page[1], "pump-1", "hourly")
	want(&page[2], "pump-2", "fixed", "hourly")
	want(&page[6], "", "odd")
	one, err := c.Look(t.Context(), "models/pump-2/temp.pkl")
	if err != nil {
		t.Fatal(err)
	}
	want(one, "pump-2", "fixed", "hourly")
}
