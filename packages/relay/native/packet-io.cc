// Datagram sockets for one Node environment (a worker thread): one wake-up, one call into JavaScript for all that came.
// The JavaScript half, which is the only caller, is src/worker/io/native-io.ts. Linux only.
//
//   epoll fd <- all sockets (sockets.h)
//   uv_poll on the epoll fd -> [pause] -> recvfrom each ready socket into the receive slab -> onBatch(count)   (receive.h)
//   flush(count) -> sendto each slot of the send slab                                                         (send.h)
//
// Here is what JavaScript calls. All state hangs on the environment and ends with it. Nothing that comes from JavaScript or from
// the network is used as an index or a length before it is checked.

#include "receive.h"
#include "send.h"
#include "sockets.h"

namespace {

void StopPolling(Io* io) {
  if (io->poll == nullptr) return;
  uv_poll_stop(io->poll);
  io->poll->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(io->poll), [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  io->poll = nullptr;
}

// The environment ends: the handle must be closed before its loop is, and the loop runs until the hook is removed.
void OnCleanup(napi_async_cleanup_hook_handle hook, void* data) {
  Io* io = static_cast<Io*>(data);
  napi_set_instance_data(io->env, nullptr, nullptr, nullptr);
  for (uint32_t number = 0; number < io->sockets.size(); number += 1) CloseSocket(io, number);
  uv_poll_t* poll = io->poll;
  io->poll = nullptr;
  int epoll_fd = io->epoll_fd;
  delete io;
  if (poll == nullptr) {
    close(epoll_fd);
    napi_remove_async_cleanup_hook(hook);
    return;
  }
  struct Ending {
    napi_async_cleanup_hook_handle hook;
    int epoll_fd;
  };
  uv_poll_stop(poll);
  poll->data = new Ending{hook, epoll_fd};
  uv_close(reinterpret_cast<uv_handle_t*>(poll), [](uv_handle_t* handle) {
    auto ending = static_cast<Ending*>(handle->data);
    close(ending->epoll_fd);
    napi_remove_async_cleanup_hook(ending->hook);
    delete ending;
    delete reinterpret_cast<uv_poll_t*>(handle);
  });
}

napi_value Number(napi_env env, double value) {
  napi_value made = nullptr;
  napi_create_double(env, value, &made);
  return made;
}

// The arguments of a call and the state of its environment. `io` is null when there is none (any more).
struct Call {
  Io* io = nullptr;
  size_t count = 4;
  napi_value arguments[4] = {};
  Call(napi_env env, napi_callback_info info) {
    if (napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) != napi_ok) count = 0;
    void* data = nullptr;
    if (napi_get_instance_data(env, &data) == napi_ok) io = static_cast<Io*>(data);
  }
  bool Uint32(napi_env env, size_t n, uint32_t* value) const {
    napi_valuetype type;
    return n < count && napi_typeof(env, arguments[n], &type) == napi_ok && type == napi_number &&
           napi_get_value_uint32(env, arguments[n], value) == napi_ok;
  }
  // The socket that argument `n` names, or null.
  Socket* OpenSocket(napi_env env, size_t n, uint32_t* number) const {
    if (io == nullptr || !Uint32(env, n, number) || *number >= io->sockets.size()) return nullptr;
    return io->sockets[*number].fd < 0 ? nullptr : &io->sockets[*number];
  }
  // Arguments `n` (IP literal) and `n + 1` (port) as a socket address; one of length 0 when they are none.
  Address AddressAt(napi_env env, size_t n) const {
    Address address{};
    char host[64];
    size_t length = 0;
    uint32_t port = 0;
    if (n >= count || napi_get_value_string_utf8(env, arguments[n], host, sizeof host, &length) != napi_ok) return address;
    if (length >= sizeof host - 1 || !Uint32(env, n + 1, &port) || port > 65535) return address;
    if (uv_ip4_addr(host, static_cast<int>(port), &address.ipv4) == 0) return address;
    address = Address{};
    if (uv_ip6_addr(host, static_cast<int>(port), &address.ipv6) == 0) return address;
    return Address{};
  }
};

// open(host, port, dscp) -> number of the socket, or -errno. RFC 2474 §3: the DSCP is the upper six bits of the octet.
napi_value Open(napi_env env, napi_callback_info info) {
  Call call(env, info);
  Address address = call.AddressAt(env, 0);
  uint32_t dscp;
  if (call.io == nullptr || call.io->poll == nullptr || address.Length() == 0) return Number(env, -EINVAL);
  if (!call.Uint32(env, 2, &dscp) || dscp > 63) return Number(env, -EINVAL);
  Io* io = call.io;
  if (io->free_sockets.empty() && io->sockets.size() >= kSocketsMax) return Number(env, -EMFILE);
  int fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Number(env, -errno);
  if (bind(fd, &address.any, address.Length()) != 0) {
    int problem = errno;
    close(fd);
    return Number(env, -problem);
  }
  const int octet = static_cast<int>(dscp << 2);
  const bool is_ipv4 = address.any.sa_family == AF_INET;
  // A system that will not mark packets still carries them.
  if (dscp > 0) setsockopt(fd, is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6, is_ipv4 ? IP_TOS : IPV6_TCLASS, &octet, sizeof octet);
  uint32_t number = AddSocket(io, fd);
  if (Watch(io, number, EPOLL_CTL_ADD) != 0) {
    int problem = errno;
    CloseSocket(io, number);
    return Number(env, -problem);
  }
  return Number(env, number);
}

// port(socket) -> the port it is bound to, or 0.
napi_value Port(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t number;
  Socket* socket = call.OpenSocket(env, 0, &number);
  Address address{};
  socklen_t length = sizeof address;
  if (socket == nullptr || getsockname(socket->fd, &address.any, &length) != 0) return Number(env, 0);
  return Number(env, ntohs(address.any.sa_family == AF_INET ? address.ipv4.sin_port : address.ipv6.sin6_port));
}

// target(socket, host, port) -> 1 when its datagrams go there from now on, else 0.
napi_value Target(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t number;
  Socket* socket = call.OpenSocket(env, 0, &number);
  if (socket == nullptr) return Number(env, 0);
  socket->target = call.AddressAt(env, 1);
  return Number(env, socket->target.Length() > 0 ? 1 : 0);
}

// source(slot) -> [host, port] of a datagram of the batch under way, or undefined.
napi_value Source(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t slot;
  napi_value pair = nullptr;
  if (call.io == nullptr || !call.Uint32(env, 0, &slot) || slot >= call.io->received) return pair;
  const Address& source = call.io->sources[slot];
  char text[INET6_ADDRSTRLEN] = "";
  const bool is_ipv4 = source.any.sa_family == AF_INET;
  const void* bytes = is_ipv4 ? static_cast<const void*>(&source.ipv4.sin_addr) : static_cast<const void*>(&source.ipv6.sin6_addr);
  if (uv_inet_ntop(is_ipv4 ? AF_INET : AF_INET6, bytes, text, sizeof text) != 0) return pair;
  napi_value host;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &host) != napi_ok) return pair;
  uint16_t port = ntohs(is_ipv4 ? source.ipv4.sin_port : source.ipv6.sin6_port);
  if (napi_create_array_with_length(env, 2, &pair) != napi_ok) return nullptr;
  napi_set_element(env, pair, 0, host);
  napi_set_element(env, pair, 1, Number(env, port));
  return pair;
}

// flush(count): sends the first `count` slots of the send slab.
napi_value Flush(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t count;
  if (call.io != nullptr && call.Uint32(env, 0, &count)) SendAll(call.io, count);
  return nullptr;
}

// refused(socket) -> sends that the system refused.
napi_value Refused(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t number;
  Socket* socket = call.OpenSocket(env, 0, &number);
  return Number(env, socket == nullptr ? 0 : call.io->refused[number]);
}

// close(socket)
napi_value Close(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t number;
  if (call.OpenSocket(env, 0, &number) != nullptr) CloseSocket(call.io, number);
  return nullptr;
}

// stop(): no more batches; sockets can still be closed.
napi_value Stop(napi_env env, napi_callback_info info) {
  Call call(env, info);
  if (call.io != nullptr) StopPolling(call.io);
  return nullptr;
}

// A typed array over memory that V8 owns and we keep referenced; null when there is none to be had.
void* Buffer(napi_env env, napi_typedarray_type type, size_t elements, size_t element_bytes, napi_ref* kept, napi_value* view) {
  void* data = nullptr;
  napi_value buffer;
  if (napi_create_arraybuffer(env, elements * element_bytes, &data, &buffer) != napi_ok) return nullptr;
  if (napi_create_reference(env, buffer, 1, kept) != napi_ok) return nullptr;
  if (napi_create_typedarray(env, type, elements, buffer, 0, view) != napi_ok) return nullptr;
  memset(data, 0, elements * element_bytes);
  return data;
}

// start(onBatch) -> { rx, rxMeta, tx, txMeta, control } once per environment; undefined when it cannot.
napi_value Start(napi_env env, napi_callback_info info) {
  Call call(env, info);
  napi_valuetype type = napi_undefined;
  if (call.io != nullptr || call.count < 1 || napi_typeof(env, call.arguments[0], &type) != napi_ok || type != napi_function)
    return nullptr;
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
  Io* io = new Io();
  io->env = env;
  napi_value made[5], result, name, resource;
  io->rx = static_cast<uint8_t*>(Buffer(env, napi_uint8_array, kSlots * kSlotBytes, 1, &io->buffers[0], &made[0]));
  io->rx_meta = static_cast<int32_t*>(Buffer(env, napi_int32_array, kSlots * kRxFields, 4, &io->buffers[1], &made[1]));
  io->tx = static_cast<uint8_t*>(Buffer(env, napi_uint8_array, kSlots * kSlotBytes, 1, &io->buffers[2], &made[2]));
  io->tx_meta = static_cast<int32_t*>(Buffer(env, napi_int32_array, kSlots * kTxFields, 4, &io->buffers[3], &made[3]));
  io->control = static_cast<int32_t*>(Buffer(env, napi_int32_array, kControls, 4, &io->buffers[4], &made[4]));
  io->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  bool ok = io->rx && io->rx_meta && io->tx && io->tx_meta && io->control && io->epoll_fd >= 0 &&
            napi_create_object(env, &result) == napi_ok && napi_create_object(env, &resource) == napi_ok &&
            napi_create_string_utf8(env, "sordino:packet-io", NAPI_AUTO_LENGTH, &name) == napi_ok &&
            napi_create_reference(env, call.arguments[0], 1, &io->on_batch) == napi_ok &&
            napi_create_reference(env, resource, 1, &io->resource) == napi_ok &&
            napi_async_init(env, resource, name, &io->context) == napi_ok;
  uv_poll_t* poll = ok ? new uv_poll_t() : nullptr;
  if (ok && uv_poll_init(loop, poll, io->epoll_fd) != 0) {
    delete poll;
    ok = false;
  }
  if (!ok) {
    if (io->epoll_fd >= 0) close(io->epoll_fd);
    delete io;
    return nullptr;
  }
  poll->data = io;
  io->poll = poll;
  uv_poll_start(poll, UV_READABLE, OnReadable);
  napi_set_instance_data(env, io, nullptr, nullptr);
  napi_add_async_cleanup_hook(env, OnCleanup, io, &io->cleanup);
  const char* names[5] = {"rx", "rxMeta", "tx", "txMeta", "control"};
  for (int n = 0; n < 5; n += 1) napi_set_named_property(env, result, names[n], made[n]);
  napi_set_named_property(env, result, "slots", Number(env, kSlots));
  napi_set_named_property(env, result, "slotBytes", Number(env, kSlotBytes));
  return result;
}

napi_value Init(napi_env env, napi_value exports) {
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {{"start", Start}, {"open", Open},   {"port", Port},       {"target", Target}, {"source", Source},
                   {"flush", Flush}, {"close", Close}, {"refused", Refused}, {"stop", Stop}};
  for (const auto& [name, function] : functions) {
    napi_value value;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value) == napi_ok)
      napi_set_named_property(env, exports, name, value);
  }
  return exports;
}

}  // namespace

NAPI_MODULE(sordino_packet_io, Init)
