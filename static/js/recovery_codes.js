// Recovery codes are shown once: they can be saved as a file, and the page is not left by accident before they are.
(() => {
  const codes = document.getElementById("recovery_codes");
  const saved = document.getElementById("codes_saved");
  const button = document.getElementById("download-codes");
  const warn = (event) => { event.preventDefault(); };

  window.addEventListener("beforeunload", warn);
  saved.addEventListener("change", () => {
    window[saved.checked ? "removeEventListener" : "addEventListener"]("beforeunload", warn);
  });

  button.hidden = false;
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([codes.value + "\n"], { type: "text/plain" }));
    link.download = button.dataset.name;
    document.body.append(link);
    link.click();
    link.remove();
    URL.revokeObjectURL(link.href);
  });
})();
