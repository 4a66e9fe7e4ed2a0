from suffice.diagnose.symptoms.poor_logic import POOR_LOGIC
from suffice.records.symptoms import NotApplicable


# Nothing that answers with a label alone can be found or clear: answers with steps are of other kinds of task.
def test_a_label_has_no_steps(observed):
    looked = POOR_LOGIC.look(observed())
    assert isinstance(looked, NotApplicable)
    assert looked.why == "an answer to a task of kind classify is one label: it has no steps that could be wrong"
