package ingest

import (
	"slices"
	"strings"
	"testing"
)

// In the table "|" stands where a message should be cut.
func TestClausesThatRunOnAreCutWhereAnotherPointBegins(t *testing.T) {
	for name, want := range map[string]string{
		"a wish, a question":                "i want to move my lesson to friday|how do i cancel the boat",
		"two questions":                     "can i bring my own towels|what time is the last ferry",
		"a statement, a question":           "the heater in cabin nine clanks all night|when will my deposit be returned",
		"a question, a statement":           "do you sell gift cards|the hand dryer in the gym has been dead since monday",
		"a question, an order":              "could you check the guest list for saturday|please book a taxi to the station",
		"two orders":                        "cancel my yoga class on monday|send me the bill for march",
		"also":                              "you sent the wrong cable|i also want to change my address",
		"three":                             "the bus was late|the driver was rude|i want to file a complaint",
		"two questions and an and":          "is there a lift to the roof|and can i pay with coins",
		"a comma":                           "My parcel was left in the rain,|can I change the delivery address?",
		"German":                            "ich finde meine quittung nicht|wie kann ich den termin verschieben",
		"Spanish":                           "no me llega el mensaje|dónde puedo cambiar mi dirección",
		"an embedded question is one":       "tell me how i can print the ticket",
		"what somebody wants to know":       "i want to know what the deposit is for",
		"a relative clause":                 "the blanket i ordered in may has a hole",
		"what you gave me":                  "the code you gave me does not open the side door",
		"a condition":                       "if i cancel the tour on friday do i get the money back",
		"a condition behind a comma":        "The form is long, if I skip a page will it be lost?",
		"a reason":                          "i cannot use the app because my phone is too old",
		"an and with what came of it":       "i lost my ticket and the inspector fined me",
		"a but":                             "the shop says closed but the door is open",
		"how long somebody has been here":   "how long after the course can i download the slides",
		"what the trouble is told for":      "the hall light does not switch off can you look into it",
		"a verb that waits for its object":  "can the planner check my calendar",
		"an answer in other words":          "everything i need is in the blue folder",
		"marks elsewhere keep a clause one": "Nice place. The room we had on the second floor was the one my sister liked.",
	} {
		t.Run(name, func(t *testing.T) {
			got := texts(strings.ReplaceAll(want, "|", " "))
			parts := strings.Split(want, "|")
			for i := range parts {
				parts[i] = strings.TrimRight(parts[i], ",")
			}
			if !slices.Equal(got, parts) {
				t.Errorf("got  %q\nwant %q", got, parts)
			}
		})
	}
}

func TestASentenceOfAShortMessageMayBeAPoint(t *testing.T) {
	for name, want := range map[string]string{
		"a statement, a question":     "My scarf was left on the blue seat.|What is the fee for a bicycle?",
		"two things named outright":   "The tap in the kitchen drips.|Your gardeners are wonderful people.",
		"a question, a statement":     "Can I borrow a tent?|The washing machine takes no coins.",
		"a statement, a wish":         "The stage was too dark.|I would like to renew my season pass.",
		"a wish in words of praise":   "The tram map is clear.|Would be great to see the night buses.",
		"a question of the same":      "My scarf is not in the locker. Who opens the locker at night?",
		"a why and its reason":        "Why was my refund refused? The shop took the shoes back.",
		"a question without matter":   "My scarf was left on the blue seat. What can I do?",
		"a question that points back": "My scarf was left on the blue seat. Can you send it to me?",
		"first and second time":       "My order came late again. The second time nobody called.",
		"a story and its question":    "We moved in June. The boxes are still in the hall. It is cold. Where do I report a broken window?",
	} {
		t.Run(name, func(t *testing.T) {
			if got, parts := texts(strings.ReplaceAll(want, "|", " ")), strings.Split(want, "|"); !slices.Equal(got, parts) {
				t.Errorf("got  %q\nwant %q", got, parts)
			}
		})
	}
}

func TestListsOfPointsAndSignatures(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"a list of short statements": {"- the print is blurry\n- no undo in the editor\n- please add a ruler", []string{"the print is blurry", "no undo in the editor", "please add a ruler"}},
		"a heading":                  {"Wish list\n- dark theme\n- search in old chats\n- bigger fonts", []string{"dark theme", "search in old chats", "bigger fonts"}},
		"steps":                      {"What I did:\n1. opened the form\n2. pressed save\n3. waited", []string{"What I did:\n1. opened the form\n2. pressed save\n3. waited"}},
		"what is below a name":       {"Hello,\nthe gate does not open.\n\nThanks,\nPriya Nolan\nHead of Finance", []string{"the gate does not open."}},
		"thanks for an answer":       {"Vielen Dank für die schnelle Antwort!", nil},
		"thanks in a chat":           {"ok thanks bye", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := texts(c.body); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
