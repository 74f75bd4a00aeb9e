#ifndef SSMC_SSMC_HPP
#define SSMC_SSMC_HPP
/// A C++17 face of the C API: handles that end themselves, spans, and results
/// that carry a value or an error. Header only, without exceptions.
///
///   ssmc::Result<ssmc::Model> model = ssmc::Model::open("model.fb");
///   if (!model)
///     return report(model.error().message());
#include "ssmc/ssmc.h"
#include <initializer_list>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace ssmc {
// A namespace of its own in every symbol, so that programs may have other
// things called ssmc::Model.
inline namespace api {

/// Success, or a status with the sentence that explains it.
class [[nodiscard]] Error {
public:
  Error() : value{} {}
  /// True if something went wrong.
  explicit operator bool() const { return value.status != SSMC_OK; }
  ssmc_status status() const { return value.status; }
  const char *message() const { return value.message; }
  /// For passing to the C API.
  ssmc_error *get() { return &value; }

private:
  ssmc_error value;
};

/// A value, or the error that kept it from being made.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : content(std::move(value)) {}
  Result(Error error) : failure(error) {}
  explicit operator bool() const { return content.has_value(); }
  T &operator*() { return *content; }
  const T &operator*() const { return *content; }
  T *operator->() { return &*content; }
  const T *operator->() const { return &*content; }
  const Error &error() const { return failure; }

private:
  std::optional<T> content;
  Error failure;
};

/// A view of consecutive values; any container with data() and size() gives
/// one.
template <typename T> class Span {
public:
  Span() = default;
  Span(T *data, size_t size) : first(data), count(size) {}
  template <typename Container,
            typename = std::enable_if_t<std::is_convertible_v<
                decltype(std::declval<Container &>().data()), T *>>>
  Span(Container &&container)
      : first(container.data()), count(container.size()) {}
  template <size_t N> Span(T (&array)[N]) : first(array), count(N) {}
  T *data() const { return first; }
  size_t size() const { return count; }
  T *begin() const { return first; }
  T *end() const { return first + count; }
  T &operator[](size_t index) const { return first[index]; }

private:
  T *first = nullptr;
  size_t count = 0;
};

/// The element type of a C++ type; types without one do not compile.
template <typename T> constexpr ssmc_dtype dtypeOf();
template <> constexpr ssmc_dtype dtypeOf<float>() { return SSMC_F32; }
template <> constexpr ssmc_dtype dtypeOf<double>() { return SSMC_F64; }
template <> constexpr ssmc_dtype dtypeOf<int64_t>() { return SSMC_I64; }
template <> constexpr ssmc_dtype dtypeOf<int32_t>() { return SSMC_I32; }
template <> constexpr ssmc_dtype dtypeOf<uint8_t>() { return SSMC_U8; }

/// Views `data` as a dense row-major tensor. `data` must have as many elements
/// as the shape; the caller keeps owning it. At most SSMC_MAX_RANK extents.
template <typename T>
ssmc_tensor tensor(T *data, std::initializer_list<int64_t> shape) {
  ssmc_tensor result = {};
  result.data = const_cast<std::remove_const_t<T> *>(data);
  result.dtype = dtypeOf<std::remove_const_t<T>>();
  for (int64_t extent : shape)
    if (result.rank < SSMC_MAX_RANK)
      result.shape[result.rank++] = extent;
  return result;
}

/// An opened artifact; see ssmc/model.h.
class Model {
public:
  static Result<Model> open(const char *path,
                            const ssmc_model_options *options = nullptr) {
    Error error;
    ssmc_model *model;
    if (ssmc_model_open(path, options, &model, error.get()))
      return error;
    return Model(model);
  }
  static Result<Model> openMemory(Span<const uint8_t> bytes,
                                  const ssmc_model_options *options = nullptr) {
    Error error;
    ssmc_model *model;
    if (ssmc_model_open_memory(bytes.data(), bytes.size(), options, &model,
                               error.get()))
      return error;
    return Model(model);
  }

  const char *name() const { return ssmc_model_name(get()); }
  const char *cpuLevel() const { return ssmc_model_cpu_level(get()); }
  uint64_t stateBytes() const { return ssmc_model_state_bytes(get()); }
  uint64_t weightBytes() const { return ssmc_model_weight_bytes(get()); }
  int32_t entryCount() const { return ssmc_model_entry_count(get()); }
  int32_t stateCount() const { return ssmc_model_state_count(get()); }

  /// Nothing where the index is outside the table.
  std::optional<ssmc_entry_info> entry(int32_t index) const {
    ssmc_entry_info info;
    return optional(ssmc_model_entry(get(), index, &info), info);
  }
  std::optional<ssmc_tensor_info> input(int32_t entry, int32_t index) const {
    ssmc_tensor_info info;
    return optional(ssmc_model_input(get(), entry, index, &info), info);
  }
  std::optional<ssmc_tensor_info> output(int32_t entry, int32_t index) const {
    ssmc_tensor_info info;
    return optional(ssmc_model_output(get(), entry, index, &info), info);
  }
  std::optional<ssmc_state_info> state(int32_t index) const {
    ssmc_state_info info;
    return optional(ssmc_model_state(get(), index, &info), info);
  }
  std::optional<int32_t> findEntry(const char *name) const {
    int32_t index;
    return optional(ssmc_model_find_entry(get(), name, &index, nullptr), index);
  }
  std::optional<Span<const uint8_t>> asset(const char *name) const {
    const void *data;
    size_t size;
    ssmc_status status = ssmc_model_asset(get(), name, &data, &size);
    return optional(
        status, Span<const uint8_t>(static_cast<const uint8_t *>(data), size));
  }
  ssmc_model *get() const { return handle.get(); }

private:
  struct Destroy {
    void operator()(ssmc_model *model) const { ssmc_model_destroy(model); }
  };
  explicit Model(ssmc_model *model) : handle(model) {}
  template <typename T>
  static std::optional<T> optional(ssmc_status status, const T &value) {
    return status == SSMC_OK ? std::optional<T>(value) : std::nullopt;
  }
  std::unique_ptr<ssmc_model, Destroy> handle;
};

/// Something that runs kernels; see ssmc/device.h.
class Device {
public:
  static Result<Device> cpu(int32_t threads = 0,
                            const ssmc_allocator *allocator = nullptr) {
    Error error;
    ssmc_device *device;
    if (ssmc_device_create_cpu(threads, allocator, &device, error.get()))
      return error;
    return Device(device);
  }
  static Result<Device> null(const ssmc_allocator *allocator = nullptr) {
    Error error;
    ssmc_device *device;
    if (ssmc_device_create_null(allocator, &device, error.get()))
      return error;
    return Device(device);
  }
  const char *name() const { return ssmc_device_name(get()); }
  int32_t threads() const { return ssmc_device_threads(get()); }
  ssmc_device *get() const { return handle.get(); }

private:
  struct Destroy {
    void operator()(ssmc_device *device) const { ssmc_device_destroy(device); }
  };
  explicit Device(ssmc_device *device) : handle(device) {}
  std::unique_ptr<ssmc_device, Destroy> handle;
};

/// What a model carries between calls; see ssmc/state.h.
class State {
public:
  static Result<State> create(const Model &model, int64_t batch) {
    Error error;
    ssmc_state *state;
    if (ssmc_state_create(model.get(), batch, &state, error.get()))
      return error;
    return State(state);
  }
  static Result<State> load(const Model &model, const char *path) {
    Error error;
    ssmc_state *state;
    if (ssmc_state_load(model.get(), path, &state, error.get()))
      return error;
    return State(state);
  }
  Result<State> clone() const {
    Error error;
    ssmc_state *state;
    if (ssmc_state_clone(get(), &state, error.get()))
      return error;
    return State(state);
  }
  Result<State> gather(Span<const int64_t> rows) const {
    Error error;
    ssmc_state *state;
    if (ssmc_state_gather(get(), rows.data(), static_cast<int64_t>(rows.size()),
                          &state, error.get()))
      return error;
    return State(state);
  }
  void reset() { ssmc_state_reset(get()); }
  Error checkpoint() {
    Error error;
    return complete(error, ssmc_state_checkpoint(get(), error.get()));
  }
  Error restore() {
    Error error;
    return complete(error, ssmc_state_restore(get(), error.get()));
  }
  Error save(const char *path) const {
    Error error;
    return complete(error, ssmc_state_save(get(), path, error.get()));
  }
  /// Copies state number `index` of all rows, in logical order.
  template <typename T> Error read(int32_t index, Span<T> out) const {
    Error error;
    return complete(error,
                    ssmc_state_read(get(), index, out.data(),
                                    out.size() * sizeof(T), error.get()));
  }
  template <typename T> Error write(int32_t index, Span<const T> data) {
    Error error;
    return complete(error,
                    ssmc_state_write(get(), index, data.data(),
                                     data.size() * sizeof(T), error.get()));
  }
  int64_t batch() const { return ssmc_state_batch(get()); }
  uint64_t position() const { return ssmc_state_position(get()); }
  ssmc_state *get() const { return handle.get(); }

private:
  struct Destroy {
    void operator()(ssmc_state *state) const { ssmc_state_destroy(state); }
  };
  explicit State(ssmc_state *state) : handle(state) {}
  // The C API has already put the status into the error.
  static Error complete(const Error &error, ssmc_status) { return error; }
  std::unique_ptr<ssmc_state, Destroy> handle;
};

/// Scratch memory for calls; see ssmc/session.h. Ends before its model and
/// device.
class Session {
public:
  static Result<Session> create(const Model &model, const Device &device) {
    Error error;
    ssmc_session *session;
    if (ssmc_session_create(model.get(), device.get(), &session, error.get()))
      return error;
    return Session(session);
  }
  /// Runs `entry`; `state` is null for an entry without one.
  Error call(const char *entry, Span<const ssmc_tensor> inputs, State *state,
             Span<ssmc_tensor> outputs) {
    Error error;
    ssmc_status status = ssmc_session_call(
        get(), entry, inputs.data(), static_cast<int32_t>(inputs.size()),
        state ? state->get() : nullptr, outputs.data(),
        static_cast<int32_t>(outputs.size()), error.get());
    static_cast<void>(status); // also in the error
    return error;
  }
  ssmc_session *get() const { return handle.get(); }

private:
  struct Destroy {
    void operator()(ssmc_session *session) const {
      ssmc_session_destroy(session);
    }
  };
  explicit Session(ssmc_session *session) : handle(session) {}
  std::unique_ptr<ssmc_session, Destroy> handle;
};
} // namespace api
} // namespace ssmc
#endif
