"""Scores sensors, one after the other, as fleetscore's protocol.go asks for it.

It is executed with `wire` as a global, the stream it came by, on which requests follow. Answers go
where standard output went; what is printed becomes frames too, so that each line has its sensor.
"""
import base64
import collections
import faulthandler
import gc
import importlib.util
import inspect
import io
import json
import linecache
import logging
import os
import pickle
import struct
import sys
import threading
import time
import traceback
import warnings

PID = os.getpid()
OUT = os.dup(1)
os.dup2(2, 1)  # what libraries print past Python
NULL = os.open(os.devnull, os.O_RDONLY)
os.dup2(NULL, 0)
faulthandler.enable(2)
sys.path[:] = [p for p in sys.path if p]

MAX_PRINTED = 16 << 10  # characters of a sensor
MAX_TEXT = 4 << 10  # of an error
NONE = 0xFFFFFFFF  # the id of no sensor
SENDING = threading.RLock()  # threads of a script print too; of the same one, what Python calls in between

try:
    import resource
except ImportError:
    resource = None


def send(*parts):
    if os.getpid() != PID:
        os._exit(0)  # a script has forked, and only one of the two is asked
    frame = b"".join(parts)
    view = memoryview(struct.pack("<I", len(frame)) + frame)
    with SENDING:
        while view:
            view = view[os.write(OUT, view):]


class Printed(io.TextIOBase):
    """Takes what is printed, of each sensor no more than MAX_PRINTED."""

    encoding, errors = "utf-8", "replace"

    def __init__(self):
        self.id, self.left, self.held = NONE, MAX_PRINTED, []
        self.buffer = Bytes(self)

    def begin(self, sensor):
        self.id, self.left = sensor, MAX_PRINTED

    def write(self, text):
        if self.left <= 0 or not text:
            return len(text)
        kept = text[: self.left]
        self.left -= len(kept)
        self.held.append(kept)
        if self.left <= 0:
            self.held.append("\n… more was printed, and is not kept\n")
        if self.left <= 0 or "\n" in kept:
            self.flush()
        return len(text)

    def flush(self):
        if self.held:
            text = "".join(self.held).encode("utf-8", "replace")
            self.held.clear()
            send(struct.pack("<cxxxI", b"P", self.id), text)

    def fileno(self):
        return 2

    def writable(self):
        return True


class Bytes(io.RawIOBase):
    """Is sys.stdout.buffer."""

    def __init__(self, printed):
        self.printed = printed

    def write(self, data):
        data = bytes(data[: 4 * MAX_PRINTED])
        self.printed.write(data.decode("utf-8", "replace"))
        return len(data)

    def writable(self):
        return True


printed = Printed()
sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = printed
logging.basicConfig(level=logging.INFO, stream=printed, format="%(levelname)s %(name)s: %(message)s")
# The models of a fleet are asked by the position of features, not by their names.
warnings.filterwarnings("ignore", message="X does not have valid feature names")


def receive():
    """Reads a frame, into memory that scripts may write to; None: there are no more."""
    head = wire.read(8)
    if len(head) < 8:
        return None
    frame = bytearray(struct.unpack("<Q", head)[0])
    view = memoryview(frame)
    while view:
        n = wire.readinto(view)
        if not n:
            return None
        view = view[n:]
    return frame


class Refused(Exception):
    """Is what a script or a model answers that is no prediction."""


class Script:
    """Is the functions of a script, or those that stand for what it leaves out."""

    def __init__(self, name, text):
        self.name, self.load, self.predict, self.convention = name, None, None, None
        self.frame, self.wants = False, ()
        if text is None:
            return
        module = type(sys)("score")
        module.__file__ = name
        sys.modules["score"] = module  # for pickles of classes that the script defines
        main = sys.modules["__main__"]
        code = compile(text, name, "exec")
        linecache.cache[name] = (len(text), None, importlib.util.decode_source(text).splitlines(True), name)
        exec(code, module.__dict__)
        for key, value in vars(module).items():  # and for those pickled where it was the program
            if isinstance(value, type) and not hasattr(main, key):
                setattr(main, key, value)
        self.load = getattr(module, "load", None)
        self.predict = getattr(module, "predict", None)
        anomaly = getattr(module, "ANOMALY", None)
        if anomaly is not None and anomaly not in (1, -1):
            raise Refused("ANOMALY is %r; it can be 1 or -1: which label an anomaly has" % (anomaly,))
        self.convention = anomaly
        if self.predict is not None:
            self.look()

    def look(self):
        parameters = list(inspect.signature(self.predict).parameters.values())
        if len(parameters) < 2:
            raise Refused("predict takes %d arguments; it is called as predict(model, X)" % len(parameters))
        self.wants = tuple(p.name for p in parameters[2:] if p.name in ("device", "tag", "times"))
        wanted = parameters[1].annotation
        self.frame = (wanted if isinstance(wanted, str) else getattr(wanted, "__name__", "")).split(".")[-1] == "DataFrame"
        if self.frame:
            import pandas  # that it is not there is better known now

            self.pandas = pandas


def read_model(script, path, data):
    if script.load is not None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        return script.load(path)
    if path.endswith(".onnx"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
        return onnxruntime.InferenceSession(bytes(data), options, providers=onnxruntime.get_available_providers())
    try:
        import joblib
    except ImportError:
        return pickle.loads(data)
    return joblib.load(io.BytesIO(data))


# Detectors of scikit-learn that predict by the sign of what they decide, which need not be computed twice.
DECIDED = ("EllipticEnvelope", "IsolationForest", "LocalOutlierFactor", "SGDOneClassSVM")


def default_predict(model, X):
    if type(model).__module__.startswith("onnxruntime"):
        return onnx_predict(model, X)
    decide, predict = getattr(model, "decision_function", None), getattr(model, "predict", None)
    if decide is None and predict is None:
        raise Refused("a model of %s.%s has neither decision_function nor predict: give a script that says how to ask it" % (type(model).__module__, type(model).__qualname__))
    if decide is None:
        return predict(X)
    scores = numpy.asarray(decide(X), dtype=numpy.float64).ravel()
    last = model
    while type(last).__module__ == "sklearn.pipeline" and type(last).__name__ == "Pipeline":
        last = last.steps[-1][1]
    kind = type(last).__name__ if type(last).__module__.startswith("sklearn.") else ""
    if kind == "OneClassSVM":
        return scores, numpy.where(scores > 0, 1, -1)
    if predict is None or kind in DECIDED:
        return scores, numpy.where(scores < 0, -1, 1)
    return scores, predict(X)


def onnx_predict(session, X):
    given = session.get_inputs()[0]
    dtype = {"tensor(float)": numpy.float32, "tensor(double)": numpy.float64}.get(given.type)
    if len(session.get_inputs()) != 1 or dtype is None:
        raise Refused("the ONNX model wants %s; without a script it can be one tensor of float or double" % [(i.name, i.type) for i in session.get_inputs()])
    labels = scores = None
    for output in session.run(None, {given.name: X.astype(dtype)}):
        output = numpy.asarray(output)
        if output.size != len(X):
            continue
        if output.dtype.kind in "iub" and labels is None:
            labels = output.ravel()
        elif output.dtype.kind == "f" and scores is None:
            scores = output.ravel().astype(numpy.float64)
    if labels is None and scores is None:
        raise Refused("no output of the ONNX model has one number for each row: give a script that says what they mean")
    if scores is None:
        return labels
    return scores, labels if labels is not None else numpy.where(scores < 0, -1, 1)


def one_each(what, values, rows):
    array = numpy.asarray(values)
    if array.ndim != 1 and array.size == len(array):
        array = array.ravel()
    if array.shape != (rows,):
        raise Refused("%s have the shape %s; there are %d rows" % (what, array.shape, rows))
    return array


def judge(declared, loaded, answer, rows, ask):
    """Gives scores (or None) and labels, -1 for an anomaly and 1 for none."""
    scores = None
    if isinstance(answer, tuple):
        if len(answer) != 2:
            raise Refused("predict returned %d things; it can return labels, or (scores, labels)" % len(answer))
        scores = one_each("the scores that predict returned", answer[0], rows)
        if scores.dtype.kind not in "fiu":
            raise Refused("the scores that predict returned are of the type %s; they must be numbers" % scores.dtype)
        scores = scores.astype(numpy.float64)
        if not numpy.isfinite(scores).all():
            raise Refused("%d of the scores that predict returned are NaN or infinite" % (~numpy.isfinite(scores)).sum())
        answer = answer[1]
    elif answer is None:
        raise Refused("predict returned nothing")
    labels = one_each("the labels that predict returned", answer, rows)
    if labels.dtype.kind == "b":
        return scores, numpy.where(labels, -1, 1).astype(numpy.int8)
    convention = convention_of(declared, loaded, labels, ask)
    return scores, (labels if convention == -1 else 1 - 2 * labels).astype(numpy.int8)


def convention_of(declared, loaded, labels, ask):
    """Tells whether an anomaly is -1, or 1 among 0. It is of each model by itself, so that nobody's
    result depends on who was asked before."""
    if labels.dtype.kind not in "fiu":
        raise Refused("the labels that predict returned are of the type %s; they can be -1 and 1, 0 and 1, or booleans" % labels.dtype)
    least = labels.min() if len(labels) else 1
    if least == -1 and (numpy.abs(labels) == 1).all():
        found = -1
    elif least == 0 and (labels * labels == labels).all():
        found = 1
    elif least == 1 and labels.max() == 1:
        found = None
    else:
        bad = [label for label in labels.tolist() if label not in (-1, 0, 1)]
        if not bad:
            raise Refused("predict returned -1, 0 and 1; labels are -1 and 1, or 0 and 1")
        raise Refused("predict returned %r, which is no label: labels are -1 and 1, 0 and 1, or booleans; with scores, return (scores, labels)" % (bad[0],))
    if found is None:
        if declared is None and loaded.convention is None:
            loaded.convention = probe(ask)
        return declared or loaded.convention
    if declared is not None and declared != found:
        raise Refused("predict returned %d, and the script says that an anomaly is %d" % (-1 if found == -1 else 0, declared))
    return found


def probe(ask):
    """Tells of labels that are all 1 whether that is normal, by what rows far off are called."""
    left, printed.left = printed.left, 0
    try:
        for value in (0.0, 1e3, -1e3, 1e6, -1e6, 1e12, -1e12):
            try:
                answer = ask(value)
                labels = numpy.asarray(answer[1] if isinstance(answer, tuple) else answer).ravel()
            except Exception:
                continue
            if (labels == -1).any():
                return -1
            if (labels == 0).any():
                return 1
    finally:
        printed.left = left
    raise Refused("predict returns only 1, which is normal beside -1 and an anomaly beside 0: say ANOMALY = -1 or ANOMALY = 1 in the script, or return booleans")


class Loaded:
    """Is a model, or None where there are none."""

    def __init__(self, model=None, size=0, path=None):
        self.model, self.size, self.path = model, size, path
        self.convention = None  # which label an anomaly has, once that was asked


class Models:
    """Is the models that are loaded, the last used ones of them."""

    def __init__(self, most):
        self.most, self.size, self.by_key = most, 0, collections.OrderedDict()

    def get(self, key):
        found = self.by_key.get(key)
        if found is None:
            return None
        self.by_key.move_to_end(key)
        return found

    def put(self, key, loaded):
        self.by_key[key] = loaded
        self.size += loaded.size
        while self.size > self.most and len(self.by_key) > 1:
            self.drop()

    def drop(self):
        key, loaded = self.by_key.popitem(last=False)
        self.size -= loaded.size
        if loaded.path is not None:
            try:
                os.remove(loaded.path)
            except OSError:
                pass  # the script has moved it
        send(struct.pack("<cxxxI", b"E", 0), key)


class Memory:
    """Looks at what the process takes, now and then."""

    def __init__(self, most):
        self.most, self.count = most, 0
        try:
            self.file = os.open("/proc/self/statm", os.O_RDONLY)
        except OSError:
            self.file = None

    def now(self):
        return int(os.pread(self.file, 100, 0).split()[1]) * 4096

    def short(self, models):
        """Reports whether the process had better end, as it has taken most of what it may."""
        self.count += 1
        if self.count % 16 or not self.most or self.file is None or self.now() < self.most * 3 // 4:
            return False
        while models.by_key:
            models.drop()
        gc.collect()
        return self.now() > self.most * 3 // 4

    @staticmethod
    def peak():
        if resource is None:
            return 0
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def explain(script, error):
    """Is the error, and after it those lines of the traceback that are the script's."""
    if isinstance(error, Refused):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename == script] or [f for f in frames if f.filename != "<fleetscore>"][-3:]
    last = "".join(traceback.format_exception_only(type(error), error)).strip()
    text = "".join(traceback.format_list(own[-10:]))
    if len(last) > MAX_TEXT // 2:
        last = last[: MAX_TEXT // 2] + "…"
    return last + "\n" + text[-MAX_TEXT // 2:].rstrip()


# The frame of a sensor: flags (1: it has a model, 2: the bytes of it follow), id, rows, columns, and lengths.
SENSOR = struct.Struct("<cBxxIIIIIIIQ")
WITH_MODEL, WITH_BYTES = 1, 2


class Runner:
    def __init__(self, config):
        self.name = config.get("name") or "score.py"
        self.script, self.features = None, []
        self.models, self.memory = Models(config["cache"]), Memory(config["memory"])
        self.folder = os.path.join(os.getcwd(), "models")

    def sensor(self, frame):
        _, flags, sensor, rows, columns, n_device, n_tag, n_key, n_name, n_model = SENSOR.unpack_from(frame)
        printed.begin(sensor)
        started = time.perf_counter()
        try:
            at = SENSOR.size
            times = numpy.frombuffer(frame, numpy.int64, rows, at)
            at += 8 * rows
            X = numpy.frombuffer(frame, numpy.float64, rows * columns, at).reshape(rows, columns)
            at += 8 * rows * columns
            names = []
            for n in (n_device, n_tag, n_key, n_name):
                names.append(frame[at:at + n])
                at += n
            loaded = Loaded()
            if flags & WITH_MODEL:
                key = bytes(names[2])
                loaded = self.models.get(key)
                if loaded is None and not flags & WITH_BYTES:
                    send(struct.pack("<cxxxI", b"M", sensor))
                    return
                loaded = loaded or self.load(key, names[3].decode(), memoryview(frame)[at:at + n_model])
            scores, labels = self.predict(loaded, X, times, names[0].decode(), names[1].decode())
        except BaseException as error:
            cause = b"B" if isinstance(error, BadModel) else b"S"
            text = explain(self.name, error.__cause__ if cause == b"B" else error).encode("utf-8", "replace")
            printed.flush()
            send(struct.pack("<ccxxIdQ", b"X", cause, sensor, time.perf_counter() - started, Memory.peak()), text[: 2 * MAX_TEXT])
            return
        if printed.held:
            printed.flush()
        flags = (1 if scores is not None else 0) | (2 if self.memory.short(self.models) else 0)
        head = struct.pack("<cBxxIdQ", b"A", flags, sensor, time.perf_counter() - started, Memory.peak())
        send(head, b"" if scores is None else scores.tobytes(), labels.tobytes())

    def load(self, key, name, data):
        path = os.path.join(self.folder, key[:16].decode(), name)
        try:
            model = read_model(self.script, path, data)
        except Exception as error:
            if self.script.load is not None:
                raise
            raise BadModel() from error
        kept = None
        if isinstance(model, (str, os.PathLike)):
            kept = path  # it is the file that the script wants, when it predicts
        elif self.script.load is not None:
            try:
                os.remove(path)
            except OSError:
                pass  # the script has moved it
        loaded = Loaded(model, 2 * len(data) + 4096, kept)
        self.models.put(key, loaded)
        return loaded

    def predict(self, loaded, X, times, device, tag):
        script, model = self.script, loaded.model
        if script.predict is None:
            return judge(None, loaded, default_predict(model, X), len(X), lambda value: default_predict(model, numpy.full((1, X.shape[1]), value)))
        extra = {}
        for name, value in (("device", device), ("tag", tag), ("times", times.view("datetime64[ns]"))):
            if name in script.wants:
                extra[name] = value

        def ask(value):
            if "times" in extra:
                extra["times"] = extra["times"][:1]
            return script.predict(model, self.shaped(numpy.full((1, X.shape[1]), value), times[:1]), **extra)

        return judge(script.convention, loaded, script.predict(model, self.shaped(X, times), **extra), len(X), ask)

    def shaped(self, X, times):
        if not self.script.frame:
            return X
        pandas = self.script.pandas
        return pandas.DataFrame(X, columns=self.features, index=pandas.DatetimeIndex(times.view("datetime64[ns]"), tz="UTC", name="time"))


class BadModel(Exception):
    """Is that the file of a model cannot be loaded, for the reason that is its cause."""


def main():
    global numpy
    config = json.loads(receive().decode())
    try:
        import numpy
    except ImportError as error:
        send(struct.pack("<ccxxIdQ", b"X", b"N", NONE, 0, 0), ("%s (%s)" % (error, sys.executable)).encode())
        return
    send(struct.pack("<cxxxI", b"H", NONE), json.dumps({"python": sys.version.split()[0], "numpy": numpy.__version__}).encode())
    runner = Runner(config)
    try:
        runner.script = Script(runner.name, config.get("script") and base64.b64decode(config["script"]))
    except BaseException as error:
        printed.flush()
        send(struct.pack("<ccxxIdQ", b"X", b"S", NONE, 0, 0), explain(runner.name, error).encode("utf-8", "replace")[: 2 * MAX_TEXT])
        return
    printed.flush()
    send(struct.pack("<cxxxI", b"R", NONE))
    while True:
        frame = receive()
        if frame is None:
            return
        if frame[:1] == b"F":
            runner.features = json.loads(frame[8:].decode())
        else:
            runner.sensor(frame)


main()
printed.flush()
os._exit(0)  # threads that a script has left are not waited for
