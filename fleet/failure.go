package fleet

// Cause says why a sensor, or some of its rows, could not be scored. Causes
// are stable words that programs may match; the text beside one is for people.
type Cause string

// The causes, in the order in which a report shows them.
const (
	NoModel          Cause = "no_model"          // the sensor has readings and no model
	BadModel         Cause = "bad_model"         // the model file is damaged, hostile or cannot be read
	UnsupportedModel Cause = "unsupported_model" // the model is sound and is not scored natively
	WrongFeatures    Cause = "wrong_features"    // the model wants another number of features, or another order
	MissingFeature   Cause = "missing_feature"   // a row lacks one of several features
	NotFinite        Cause = "not_finite"        // a value is empty, NaN or infinite
	BadRow           Cause = "bad_row"           // a row could not be read
	NameClash        Cause = "name_clash"        // two sensors would write the same file
	WriteFailed      Cause = "write_failed"      // the predictions could not be stored
	Crashed          Cause = "crashed"           // whoever scored it died of it, or took all memory, more than once
	TimedOut         Cause = "timed_out"         // scoring it took longer than the job allows
	ScriptFailed     Cause = "script_failed"     // the foreign program that scores it failed, or answered what is no prediction
	NotRun           Cause = "not_run"           // its task could not be done: no node, no store, no input
)

// Causes lists every cause, in the order in which a report shows them.
func Causes() []Cause {
	return []Cause{NoModel, BadModel, UnsupportedModel, WrongFeatures, MissingFeature, NotFinite, BadRow, NameClash, WriteFailed, Crashed, TimedOut, ScriptFailed, NotRun}
}

// Failure is one cause, how often it struck, and one example of it.
type Failure struct {
	Cause Cause `json:"cause"`
	// Rows is the number of readings that this cause left without a prediction.
	Rows int64 `json:"rows"`
	// Example is the first occurrence: where it was and what was wrong.
	Example string `json:"example"`
}
