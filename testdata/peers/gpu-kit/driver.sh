# driver.sh: sourced by run.sh and sweep.sh. It finds the Vulkan loader, the driver and the adapter,
# and says what it found. $kit is the folder of the kit, $log the file for what programs say.

say() { printf '%-9s%s\n' "$1" "$2"; }

[ "$(uname -sm)" = 'Linux x86_64' ] || { say machine "$(uname -sm): want x86-64 Linux"; exit 1; }
"$kit/wgpucnn" version >/dev/null 2>>"$log" || { say wgpucnn "does not start, see $log: want glibc 2.34 or later and libgcc_s.so.1"; exit 1; }

# Use the system's Vulkan loader if there is one.
if ! grep -q 'libvulkan\.so\.1' <<<"$(PATH=$PATH:/sbin ldconfig -p)"; then
  export LD_LIBRARY_PATH=$kit/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  say loader 'the carried libvulkan.so.1'
fi
if [ -z "${VK_DRIVER_FILES:-}" ]; then
  for file in /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd*.json /usr/share/vulkan/icd.d/nvidia_icd*.json /etc/vulkan/icd.d/nvidia_icd*.json; do
    [ -e "$file" ] && export VK_DRIVER_FILES=$file && break
  done
fi
say driver "${VK_DRIVER_FILES:-chosen by the Vulkan loader}"
# Loaders before 1.3.207 know only the older name.
[ -z "${VK_DRIVER_FILES:-}" ] || export VK_ICD_FILENAMES=$VK_DRIVER_FILES

devices=$("$kit/wgpucnn" devices 2>>"$log") ||
  { say adapter "none: want a Vulkan driver (in a container of NVIDIA's: NVIDIA_DRIVER_CAPABILITIES=all)"; exit 1; }
sed -n 's/^[0-9]*: /adapter  /p' <<<"$devices"
gpu=no
! grep -q 'type .*GPU' <<<"$devices" || gpu=yes
