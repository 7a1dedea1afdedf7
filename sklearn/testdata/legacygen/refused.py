"""Files that must not load, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .estimators import Era, matrix, one_class_svm, pipeline, vector
from .models import ERAS, Model, make
from .pickler import Array, Call, Global, Instance, dumps


@dataclass(frozen=True)
class Refused:
    name: str
    data: bytes
    kind: str  # "refused": it would run code; "unsupported": sound, not scored; "damaged"
    says: str  # what the message must mention


def _svm(era: Era, m: Model, **changes: Any) -> Instance:
    """The model's estimator with some attributes changed; None takes one away."""
    instance = one_class_svm(era, m.machine, m.gamma)
    state = {**instance.state, **changes}
    return Instance(instance.cls, {k: v for k, v in state.items() if v is not None})


def refused() -> list[Refused]:
    era, old = ERAS["1.9"], ERAS["0.19"]
    model = make("refused", "1.9", 4, "rbf", 2, 1)
    found: list[Refused] = []

    def add(name: str, obj: Any, kind: str, says: str, protocol: int = 4, at: Era = era) -> None:
        found.append(Refused(name, dumps(obj, protocol, at.dialect), kind, says))

    forest = Instance(Global("sklearn.ensemble.forest", "RandomForestClassifier"), {"n_estimators": 10})
    add("random-forest", forest, "unsupported", "RandomForestClassifier", 3, old)
    add("forest-in-pipeline", pipeline(era, [("forest", forest)]), "unsupported", "RandomForestClassifier")
    custom = Instance(Global("mycompany.models", "Detector"), {})
    add("custom-class", custom, "unsupported", "mycompany.models.Detector")
    own = Global("mycompany.kernels", "laplacian")
    add("kernel-own-function", _svm(era, model, kernel=own), "unsupported", "mycompany.kernels.laplacian")
    known = Global("sklearn.metrics.pairwise", "laplacian_kernel")
    add("kernel-function", _svm(era, model, kernel=known), "unsupported", "laplacian_kernel")
    nothing = Array("<f8", (0, 0), [])
    precomputed = _svm(era, model, kernel="precomputed", support_vectors_=nothing)
    add("kernel-precomputed", precomputed, "unsupported", "precomputed")
    add("not-a-model", {"threshold": 0.5, "values": [1, 2, 3]}, "unsupported", "dict")
    add("only-a-string", "OneClassSVM", "unsupported", "string")
    scaler = make("scaler", "1.9", 4, "rbf", 2, 0)
    add("no-detector", pipeline(era, [("scaler", scaler.estimator().state["steps"][0][1])]), "unsupported", "detector")

    echo = "echo fleetscore was here"
    for name, module, protocol in (("os-system-p0", "os", 0), ("posix-system-p4", "posix", 4)):
        add(name, Call(Global(module, "system"), (echo,)), "refused", f"{module}.system", protocol)
    hidden = pipeline(era, [("scaler", Call(Global("os", "system"), (echo,))), ("svm", model.estimator())])
    add("os-system-in-pipeline", hidden, "refused", "os.system", 2)
    add("eval", Call(Global("builtins", "eval"), ("1 + 1",)), "refused", "builtins.eval", 4)
    # A numpy attribute of an allowed package that would run code all the same.
    runner = Call(Global("numpy.testing._private.utils", "runstring"), ("1 + 1", {}))
    add("numpy-runstring", runner, "unsupported", "numpy.testing._private.utils.runstring", 3, old)

    whole = dumps(model.estimator(), 4, era.dialect)
    found.append(Refused("truncated", whole[: len(whole) * 2 // 3], "damaged", "frame"))
    found.append(Refused("truncated-p2", dumps(model.estimator(), 2, era.dialect)[:-1], "damaged", "cut short"))
    found.append(Refused("empty", b"", "damaged", ""))
    found.append(Refused("text", b"time,device,tag,value\n", "damaged", ""))
    add("not-fitted", _svm(era, model, support_vectors_=None), "damaged", "support_vectors_")
    add("shapes-differ", _svm(era, model, _dual_coef_=matrix([[0.1, 0.2, 0.3]])), "damaged", "coefficients")
    add("two-intercepts", _svm(era, model, _intercept_=vector([0.1, 0.2])), "damaged", "intercepts")

    # joblib before 0.10 kept every array in a file of its own.
    wrapper = Instance(
        Global("sklearn.externals.joblib.numpy_pickle", "NDArrayWrapper"),
        {"filename": "model.pkl_01.npy", "allow_mmap": True, "subclass": Global("numpy", "ndarray")},
    )
    add(
        "joblib-several-files", _svm(old, model, support_vectors_=wrapper), "unsupported", "joblib", 2, ERAS["0.17-py2"]
    )
    return found
